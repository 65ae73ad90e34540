"""The kit's ``start.py`` and ``launch.py`` on computers on which something else is set up.

Nothing is installed here: pip is kept from running, and the course's own Python stands for the
kit's. Leans on a folder that has the files of a kit and no labs.
"""

import ast
import errno
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from autograders.course import ROOT
from autograders.course.kit import FILES, _environment, _packages, _pyproject
from autograders.course.kit.files import launch as shipped

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = _packages(PROJECT)


@pytest.fixture
def kit(tmp_path):
    """A folder that ``start.py`` takes for a kit."""
    folder = tmp_path / "a student's foldér #1 100%"
    folder.mkdir()
    for path in FILES.glob("*.py"):
        shutil.copy(path, folder)
    for name in ("labs", "tinytorch", "checkpoints"):
        (folder / name).mkdir()
    (folder / "pyproject.toml").write_text(_pyproject(PROJECT, PACKAGES), encoding="utf-8")
    (folder / "constraints.txt").touch()
    return folder


@pytest.fixture
def loaded(kit, monkeypatch):
    """The kit's ``launch.py``, which runs nothing."""
    spec = importlib.util.spec_from_file_location("launch_of_a_test", kit / "launch.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(kit)  # as it does itself
    monkeypatch.setattr(module, "NEEDED", 0)
    monkeypatch.setattr(module, "run", lambda command, environment: 0)
    return module


@pytest.fixture
def launch(loaded, monkeypatch):
    """The kit's ``launch.py``, which installs nothing: its environment is a marked folder."""

    def make():
        loaded.BIN.mkdir(parents=True)
        loaded.PYTHON.symlink_to(sys.executable)
        (loaded.VENV / "made").touch()

    monkeypatch.setattr(loaded, "_make", make)
    monkeypatch.setattr(loaded, "LOOK", f"open({str(loaded.VENV / 'made')!r})")
    return loaded


def as_python(version, kit):
    """Run ``start.py`` with a Python that says that it is another version; return what it said."""
    spelt = ".".join(map(str, version))
    pretend = (
        f"import runpy, sys; sys.version_info = {version}; sys.version = '{spelt} (pretended)';"
        "sys.argv = ['start.py'];"
        f"runpy.run_path({str(kit / 'start.py')!r}, run_name='__main__')"
    )
    return subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)


# Which Python


def test_a_python_that_is_too_old_says_so(kit):
    finished = as_python((3, 6, 15), kit)
    assert finished.returncode == 1
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert finished.stderr == f"The labs need Python {oldest} or newer; this is 3.6.15.\n"


def test_every_old_python_can_read_that_far():
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.Match, ast.AsyncWith)
    for node in ast.walk(ast.parse((FILES / "start.py").read_text(encoding="utf-8"))):
        assert not isinstance(node, newer), ast.unparse(node)
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef), ast.unparse(node)
        assert getattr(node, "module", "") != "__future__"


def test_a_python_that_nobody_has_tried_is_refused_with_the_newest_tried(kit):
    finished = as_python((3, 99, 0), kit)
    assert finished.returncode == 1
    newest = max(int(name.rpartition(".")[2]) for name in PROJECT["classifiers"])
    assert f"tried with Python up to 3.{newest}; this is 3.99.0." in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_without_venv_it_says_what_to_install(loaded, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert loaded.main("about", []) == 1
    assert "apt install python3-venv" in capsys.readouterr().err


# What is in the way


@pytest.mark.parametrize("there", [["start.py"], ["start.py", "launch.py"]], ids=len)
def test_in_the_preview_of_a_zip_it_says_to_unpack(there, kit, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    for name in there:
        shutil.copy(kit / name, alone)
    finished = subprocess.run(
        [sys.executable, alone / "start.py"], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert "unpack the whole zip into a folder" in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_modules_of_others_do_not_stand_for_pythons(kit, tmp_path):
    for folder in (kit, tmp_path):
        for name in ("subprocess", "tempfile", "launch", "numpy"):
            (folder / f"{name}.py").write_text("raise SystemExit('not this one')")
    shutil.copy(FILES / "launch.py", kit)
    finished = subprocess.run(
        [sys.executable, kit / "start.py", "--help"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "start.py checkpoint" in finished.stdout


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EROFS, "copy it as a whole to one that is"), (errno.ENOSPC, "The disk is full")],
)
def test_a_folder_that_cannot_be_written_to_is_named(number, said, launch, monkeypatch, capsys):
    def refuse(dir):
        raise OSError(number, os.strerror(number), f"{dir}/tmp1")

    monkeypatch.setattr(launch.tempfile, "TemporaryFile", refuse)
    assert launch.main("about", []) == 1
    assert said in capsys.readouterr().err
    assert not launch.VENV.exists()


def test_a_disk_without_room_is_said_before(launch, monkeypatch, capsys):
    monkeypatch.setattr(launch, "NEEDED", 10**18)
    assert launch.main("about", []) == 1
    assert "make room, and run this again" in capsys.readouterr().err
    assert not launch.VENV.exists()


def test_the_longest_path_leaves_what_the_page_says():
    waiting, found = list(map(Requirement, PACKAGES)), {}
    while waiting:
        name = waiting.pop().name
        if name not in found:
            found[name] = importlib.metadata.distribution(name)
            needs = map(Requirement, found[name].requires or ())
            waiting += [n for n in needs if not n.marker or n.marker.evaluate({"extra": ""})]
    files = [str(file) for package in found.values() for file in package.files or ()]
    inside = max(len(name) for name in files if not name.startswith(".."))
    assert len(r".venv\Lib\site-packages") + 1 + inside <= shipped.DEEPEST
    allowed = re.search(r"at most (\d+) characters", (FILES / "START.md").read_text("utf-8"))
    assert int(allowed[1]) == 259 - 1 - shipped.DEEPEST


# What it makes, it repairs


def dangling(launch):
    launch.PYTHON.unlink()
    launch.PYTHON.symlink_to("/nowhere/python3")


def of_another_place(launch):
    launch.STAMP.write_text("/elsewhere\n" + launch.STAMP.read_text(encoding="utf-8"))


def half_made(launch):
    launch.STAMP.unlink()


def a_file(launch):
    shutil.rmtree(launch.VENV)
    launch.VENV.touch()


def a_link_to_nothing(launch):
    shutil.rmtree(launch.VENV)
    launch.VENV.symlink_to("/nowhere")


def without_a_package(launch):
    (launch.VENV / "made").rename(launch.VENV / "gone")


@pytest.mark.parametrize(
    "break_it",
    [dangling, of_another_place, half_made, a_file, a_link_to_nothing, without_a_package],
)
def test_an_environment_that_broke_is_made_anew(break_it, launch):
    assert launch.main("about", []) == 0
    made = launch.VENV / "made"
    made.write_text("the first")
    break_it(launch)
    assert launch.main("about", []) == 0
    assert made.read_text() == ""
    assert not (launch.VENV / "gone").exists()
    assert launch.STAMP.is_file()


def test_one_that_works_is_left_alone(launch):
    assert launch.main("about", []) == 0
    (launch.VENV / "made").write_text("the first")
    assert launch.main("about", []) == 0
    assert (launch.VENV / "made").read_text() == "the first"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", ".venv/lib/x"), 1, "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", ".venv/lib/x"), 1, ".venv/lib/x"),
        (KeyboardInterrupt(), 130, "Stopped."),
    ],
)
def test_an_installation_that_fails_leaves_nothing(
    error, status, said, launch, monkeypatch, capsys
):
    def fail():
        launch.VENV.mkdir()
        (launch.VENV / "half").touch()
        raise error

    monkeypatch.setattr(launch, "_make", fail)
    assert launch.main("about", []) == status
    assert said in capsys.readouterr().err
    assert not launch.VENV.exists()


def test_what_does_not_start_where_it_is_made_is_told(launch, monkeypatch, capsys):
    """As on a disk that was mounted with `noexec`."""
    look = "raise ImportError('_zmq.so: failed to map segment from shared object')"
    monkeypatch.setattr(launch, "LOOK", look)
    assert launch.main("about", []) == 1
    said = capsys.readouterr().err
    assert "does not start here: ImportError: _zmq.so: failed to map segment" in said
    assert "copy this folder as a whole to another disk" in said
    assert said.count("\n") == 1
    assert not launch.VENV.exists()


def test_a_second_start_leaves_the_first_alone(launch, capsys):
    with launch._alone():
        launch.VENV.mkdir()
        assert launch.main("about", []) == 1
        assert "Another start.py is installing" in capsys.readouterr().err
        assert launch.VENV.exists()
    assert launch.main("about", []) == 0


# How it makes it


def test_the_environment_is_linked_and_pip_gets_no_settings_but_where_packages_are(
    loaded, monkeypatch, tmp_path
):
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://mirror.example/simple\nuser = true\ntarget = /nowhere\n"
        "[install]\nno-deps = true\nproxy = proxy.example:3128\n",
        encoding="utf-8",
    )
    settings = {"PIP_CONFIG_FILE": str(config), "PIP_USER": "1", "PIP_FIND_LINKS": "wheels"}
    for name, value in {**settings, "PYTHONPATH": str(tmp_path), "PIP_TARGET": "t"}.items():
        monkeypatch.setenv(name, value)
    made, installs = {}, []

    def create(folder, **options):
        made.update(options)

    def run(command, env=None, **options):
        if "config" in command:
            return real([sys.executable, *command[1:]], env=env, **options)
        installs.append((command, env))
        return subprocess.CompletedProcess(command, 0)

    real = subprocess.run
    monkeypatch.setattr(venv, "create", create)
    monkeypatch.setattr(subprocess, "run", run)
    loaded._make()
    assert made == {"with_pip": True, "symlinks": os.name != "nt"}
    [(command, env)] = installs
    assert command[-4:] == ["-c", "constraints.txt", "-e", "."]
    assert (
        env.items()
        >= {
            "PIP_INDEX_URL": "https://mirror.example/simple",
            "PIP_PROXY": "proxy.example:3128",
            "PIP_FIND_LINKS": "wheels",
            "PIP_CONFIG_FILE": os.devnull,
        }.items()
    )
    assert {"PIP_USER", "PIP_TARGET", "PIP_NO_DEPS"} & {*env} == set()
    assert "PYTHONPATH" not in env


# What runs in it


def test_settings_of_the_home_folder_stay_out(launch, kit, monkeypatch, tmp_path):
    home = tmp_path / "home"
    (home / ".jupyter").mkdir(parents=True)
    (home / ".jupyter/jupyter_server_config.py").write_text("c.ServerApp.root_dir = '/nowhere'")
    kernel = home / ".local/share/jupyter/kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/nowhere"], "display_name": "", "language": "python"}))
    for name, value in {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home,
        "PYTHONPATH": tmp_path,
        "PYTHONOPTIMIZE": 2,  # which takes every assert out of the labs' checks
        "MPLBACKEND": "nonsense",
        "JUPYTER_PATH": home / ".local/share/jupyter",
        "PYTEST_ADDOPTS": "--nonsense",
    }.items():
        monkeypatch.setenv(name, str(value))
    environment = launch.environment()
    lab = [sys.executable, *launch.ISOLATED, *launch.PROGRAMS["lab"], "--show-config-json"]
    for command in (lab, [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]):
        said = subprocess.run(command, cwd=kit, env=environment, capture_output=True, text=True)
        found = json.loads(said.stdout)
        if command is lab:
            assert found["ServerApp"]["root_dir"] == str(kit)
        else:
            assert found["kernelspecs"]["python3"]["spec"]["argv"] != ["/nowhere"]
    for name in ("PYTHONOPTIMIZE", "MPLBACKEND", "PYTEST_ADDOPTS", "PYTHONPATH", "JUPYTER_PATH"):
        assert name not in environment
    for name in ("IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        assert Path(environment[name]).is_relative_to(kit)


def test_one_blas_thread_by_every_route(launch):
    one = dict.fromkeys(shipped.THREADS, "1")
    assert one.items() <= launch.environment().items()
    assert yaml.safe_load(_environment(PROJECT, PACKAGES))["variables"] == one
    conda = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(conda)["variables"] == one


def test_control_c_is_jupyterlabs_business():
    class Process:
        left = 2

        def wait(self):
            self.left -= 1
            if self.left >= 0:
                raise KeyboardInterrupt
            return 7

    assert shipped.wait(Process()) == 7
