"""What ``start.py`` does: makes ``.venv/``, keeps it right, and runs the labs' programs in it.

Whatever else is set up on this computer stays out of it: variables of Python's, pip's and
Jupyter's, settings and kernels in the home folder. What those programs write goes to ``.venv/``
and ``.jupyter/`` in this folder. Leans on Python's standard library alone; ``start.py`` loads it.
"""

from __future__ import annotations

import ast
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed"  # is written last
OWN = HERE / ".jupyter"  # settings and histories

NEEDED = 1_000_000_000  # bytes that an installation takes, and what it takes while it is made
DEEPEST = 161  # characters of the longest path in this folder, once everything is installed
# Variables of other people's set-ups: what begins like this is not for the labs' programs.
FOREIGN = ("PYTHON", "JUPYTER", "IPYTHON", "MPL", "MATPLOTLIB", "NBGRADER", "PYTEST")
# What of pip's settings says how to reach packages. Others say where to install, what and how.
REACHING = {
    "index-url", "extra-index-url", "no-index", "find-links", "proxy", "cert", "client-cert",
    "trusted-host", "timeout", "default-timeout", "retries", "cache-dir", "no-cache-dir",
    "keyring-provider",
}  # fmt: skip
# Starts what is compiled, and finds what takes longer to start; fails if anything is not right.
LOOK = """
import importlib.util, numpy, zmq
for name in ("jupyterlab", "nbgrader", "pytest", "sklearn", "tinytorch"):
    assert importlib.util.find_spec(name), name
"""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Trouble(Exception):
    """Something that a student can mend; the message says how."""


def main(about: str, arguments: list[str]) -> int:
    """Install what is missing and run what was asked for; return its exit status."""
    what, *options = arguments or ["lab"]
    if what in ("-h", "--help"):
        print(about)
        return 0
    if what.startswith("-"):  # options are JupyterLab's
        what, options = "lab", arguments
    if what not in PROGRAMS:
        print(f"start.py knows no {what!r}.\n\n{about}", file=sys.stderr)
        return 2
    try:
        check_folder()
        check_python()
        install()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The next start.py installs what the labs need.", file=sys.stderr)
        return 130
    os.chdir(HERE)
    return run([str(PYTHON), *ISOLATED, *PROGRAMS[what], *options], environment())


def _lab() -> list[str]:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={HERE}",
        "--LabApp.default_url=/lab/tree/labs",
        "--LabApp.app_settings_dir=tinytorch/jupyterlab",  # asks for no news
        "--LanguageServerManager.autodetect=False",  # asks npm, which writes to the home folder
        *(["--allow-root"] if as_root else []),
    ]


# Isolated, so that no file of a student's in this folder stands for a library's module; and with
# UTF-8 for text, which is not what Windows takes by itself.
ISOLATED = ["-I", "-X", "utf8"]
PROGRAMS = {
    "lab": _lab(),
    "checkpoint": ["-m", "pytest", "-q", "--tb=short", "-rN", "checkpoints"],
    "export": ["-m", "tinytorch.export"],
    "submit": ["-m", "tinytorch.submit"],
}


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run a program in place of this one, or wait for it where there is no such thing."""
    if os.name != "nt":
        os.execve(command[0], command, environment)
    return wait(subprocess.Popen(command, env=environment))


def wait(process: subprocess.Popen) -> int:
    """Return a program's exit status; Ctrl-C is its own business, since it gets that too."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


# What has to be so


def check_folder() -> None:
    """Make sure that everything is there and that this folder can be written to.

    Raises
    ------
    Trouble
        If not; with what to do.
    """
    whole = ("pyproject.toml", "constraints.txt", "labs", "tinytorch", "checkpoints")
    missing = [name for name in whole if not (HERE / name).exists()]
    if missing:
        raise Trouble(
            f"There is no {' and no '.join(missing)} in {HERE}: unpack the whole zip into a "
            "folder, and run the start.py that is there."
        )
    if os.pathsep in str(HERE):
        raise Trouble(
            f"The path of this folder, {HERE}, has a {os.pathsep!r} in it, and no Python can be "
            "installed in such a place: rename it."
        )
    try:
        with tempfile.TemporaryFile(dir=HERE) as file:
            file.write(bytes(100_000))
    except OSError as error:
        raise Trouble(_advice(error, HERE)) from None
    if os.name == "nt":
        _check_length()


def _check_length() -> None:
    deep = HERE / ("x" * DEEPEST)
    try:
        deep.touch()
        deep.unlink()
    except OSError:
        raise Trouble(
            f"The path of {HERE} is too long for Windows, which allows 260 characters with what "
            f"will be in it: move this folder to where its path has at most {259 - DEEPEST - 1}, "
            "as C:\\Users\\NAME\\tinytorch."
        ) from None


def _advice(error: OSError, place: str | Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full where {HERE} is: make room, and run this again."
    return (
        f"{place} cannot be written to ({error.strerror}). If another program or window uses it, "
        "close that; if this folder is not yours, copy it as a whole to one that is, as in "
        "Documents. Then run the start.py that is there."
    )


def check_python() -> None:
    """Refuse a Python that nobody has tried the labs with: its packages may not be there yet.

    Raises
    ------
    Trouble
        If this Python is newer than those that ``pyproject.toml`` names.
    """
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tried = [name.rpartition(" ")[2] for name in project["classifiers"] if "Python :: 3." in name]
    newest = max(tried, key=_numbers)
    if sys.version_info[:2] > _numbers(newest):
        example = f"py -{newest} start.py" if os.name == "nt" else f"python{newest} start.py"
        raise Trouble(
            f"The labs were tried with Python up to {newest}; this is {sys.version.split()[0]}. "
            f"Install Python {newest} beside it, and start with that: {example}"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


# The installation


def install() -> None:
    """Make ``.venv/``, unless it is there, was made for this folder, and works.

    Raises
    ------
    Trouble
        If it cannot be made. Nothing of it is left then.
    """
    lists = [(HERE / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")]
    wanted = "\n".join([str(HERE), *lists])
    try:
        made = STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted
        if made and not _wrong():
            return
    except OSError as error:
        raise Trouble(_advice(error, error.filename or VENV)) from None
    with _alone():
        if made:
            print(".venv/ works no longer: it is made anew.", flush=True)
        _install(wanted)


def _install(wanted: str) -> None:
    try:
        _remove(VENV)
    except OSError as error:
        raise Trouble(_advice(error, error.filename or VENV)) from None
    free = shutil.disk_usage(HERE).free
    if free < NEEDED:
        raise Trouble(
            f"Installing what the labs need takes {NEEDED / 1e6:,.0f} MB, but {free / 1e6:,.0f} MB "
            f"are free where {HERE} is: make room, and run this again."
        )
    print("Installing what the labs need, into .venv/: a few minutes, the first time", flush=True)
    try:
        _make()
        if wrong := _wrong():
            raise Trouble(
                f"What was installed does not start here: {wrong}. On some disks, as USB sticks, "
                "nothing may be run, and some virus scanners take files away: copy this folder as "
                "a whole to another disk, and run the start.py that is there."
            )
        STAMP.write_text(wanted, encoding="utf-8")
    except BaseException as error:
        shutil.rmtree(VENV, ignore_errors=True)
        if isinstance(error, OSError):
            raise Trouble(_advice(error, error.filename or VENV)) from None
        raise


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second ``start.py`` from removing what this one makes; the system ends it with this.

    Raises
    ------
    Trouble
        If this is the second one.
    """
    with open(HERE / "pyproject.toml", "rb") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                file.seek(2**30)  # where nobody reads
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise Trouble(
                    "Another start.py is installing what the labs need in this folder: wait until "
                    "it has done so, and run this again."
                ) from None
            # Others say that this folder knows no locks; then it goes without.
        yield


def _wrong() -> str:
    """Return why the environment's Python does not start, or find what was installed, if so."""
    try:
        tried = subprocess.run(
            [PYTHON, *ISOLATED, "-c", LOOK],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:  # it is a link to a Python that went away
        return str(error)
    said = tried.stderr.strip() or f"it ended with {tried.returncode}"
    return said.splitlines()[-1] if tried.returncode else ""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make() -> None:
    try:
        import ensurepip  # noqa: F401  (what venv takes pip from; Debian leaves it out)
        import venv
    except ImportError:
        raise Trouble(
            f"This Python ({sys.executable}) cannot make environments: its venv is missing. "
            "Debian and Ubuntu have it in a package, `sudo apt install python3-venv`; or install "
            "Python from python.org."
        ) from None
    # Links, because a copy of some Pythons does not find its libraries; on Windows they need
    # rights that few have.
    try:
        venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
        pip = [str(PYTHON), *ISOLATED, "-m", "pip"]
        options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
        subprocess.run(
            [*pip, "install", *options, "-c", "constraints.txt", "-e", "."],
            cwd=HERE,
            env=_reaching(pip),
            check=True,
        )
    except subprocess.CalledProcessError as error:
        said = error.output or b""
        print(said.decode(errors="replace"), end="", file=sys.stderr)
        raise Trouble(
            "Installing failed; the reason stands above. It takes an internet connection and "
            f"{NEEDED / 1e6:,.0f} MB. Mend it, and run this again."
        ) from None


def _reaching(pip: list[str]) -> dict[str, str]:
    """Return variables that give pip those of its settings that say where packages are."""
    listed = subprocess.run(
        [*pip, "config", "list"],
        env={**os.environ, "PIP_USER": "0"},  # which would list the user's settings alone
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    found = {name: v for name, v in environment().items() if not name.startswith("PIP_")}
    for place in ("global", "install", ":env:"):  # the last one counts
        for line in listed.stdout.splitlines():
            name, _, value = line.partition("=")
            section, _, key = name.rpartition(".")
            if section == place and key in REACHING:
                found[f"PIP_{key.replace('-', '_').upper()}"] = ast.literal_eval(value)
    return {**found, "PIP_CONFIG_FILE": os.devnull}


def environment() -> dict[str, str]:
    """Return the variables that the labs' programs are to see."""
    kept = {name: v for name, v in os.environ.items() if not name.upper().startswith(FOREIGN)}
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    kept |= {"VIRTUAL_ENV": str(VENV), "PATH": path, "PYTHONUTF8": "1"}
    for name in ("CONFIG", "DATA", "RUNTIME"):
        kept[f"JUPYTER_{name}_DIR"] = str(OWN / name.lower())
    kept |= {"IPYTHONDIR": str(OWN / "ipython"), "MPLCONFIGDIR": str(OWN / "matplotlib")}
    # The labs' matrices are small: with more threads they would wait for each other.
    return {**dict.fromkeys(THREADS, "1"), **kept}
