"""A class on JupyterHub, made for one journey: system users, a course, a hub that really runs.

:class:`Classroom` does as root what ``autograders/README.md`` tells an instructor to do, with users
and a folder that it removes again. Leans on :mod:`autograders.course.hub`.
"""

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path

import nbformat

from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in
from autograders.course.hub import Hub, set_up
from autograders.grading import settings

ASSIGNMENT = LABS[0].parent.name
VENV = Path(sys.prefix)
# The course itself, and what only tests and contributors use.
LEFT_OUT = ("__editable__", "tinytorch", "playwright", "mypy", "ruff", "torch")


class Person:
    """A user of this system, who lives in a folder of their own and has a password."""

    def __init__(self, name, homes, groups=()):
        self.name, self.password = f"{name}-{secrets.token_hex(3)}", secrets.token_hex(8)
        self.home = homes / self.name
        run("useradd", "--create-home", "--home-dir", self.home, "--user-group", self.name)
        for group in groups:
            run("usermod", "--append", "--groups", group, self.name)
        run("chpasswd", stdin=f"{self.name}:{self.password}")
        self.home.chmod(0o755)  # as useradd leaves it on many systems

    def run(self, *command):
        """Run a command as this person; return what came of it."""
        user = pwd.getpwnam(self.name)
        return subprocess.run(
            [str(part) for part in command],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=os.getgrouplist(self.name, user.pw_gid),
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    def remove(self):
        """End what the person runs, and remove the user."""
        subprocess.run(["pkill", "-KILL", "-u", self.name], check=False)
        run("userdel", self.name)


class Classroom:
    """An instructor with a course of one lab, two students, and a hub between them."""

    def __enter__(self):
        """Make all of it, and wait until the hub answers."""
        self.folder = Path(tempfile.mkdtemp(prefix="hub"))
        self.folder.chmod(0o755)
        self.group = f"class-{secrets.token_hex(3)}"
        self.people, self._process = [], None
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _make(self):
        homes = self.folder / "homes"
        homes.mkdir()
        run("groupadd", self.group)
        for name, groups in (("anna", ()), ("ada", [self.group]), ("grace", [self.group])):
            self.people.append(Person(name, homes, groups))
        self.anna, self.ada, self.grace = self.people
        self.course = copy_course(self.anna.home / "course")
        run("chown", "-R", f"{self.anna.name}:", self.course)
        self.hub = Hub(
            self.anna.name, self.group, self.folder / "place", self.course, port=free_ports(3)
        )
        readable_environment(self.hub.environment)
        set_up(self.hub)
        for role in ("student", "instructor"):
            expose_application(
                self.hub.place / "settings" / role / "labconfig" / "page_config.json"
            )
        self.url = f"http://127.0.0.1:{self.hub.port}/"
        self._log = self.folder / "hub.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    self.hub.environment / "bin" / "python", "-m", "jupyterhub",
                    "-f", self.hub.place / "hub" / "jupyterhub_config.py",
                ],
                stdout=log, stderr=log, cwd=self.hub.place / "hub", start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 180
        while not self._answers():
            assert time.monotonic() < deadline, self._log.read_text()[-3000:]
            assert self._process.poll() is None, self._log.read_text()[-3000:]
            time.sleep(0.1)

    def _answers(self):
        try:
            urllib.request.urlopen(f"{self.url}hub/login", timeout=5).close()
        except (urllib.error.URLError, TimeoutError):
            return False
        return True

    def __exit__(self, *_):
        """End the hub, its proxy and all servers; remove users and files."""
        if self._process:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        for person in self.people:
            person.remove()
        subprocess.run(["groupdel", self.group], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_in(self, page, person):
        """Log in as a person does; the server starts meanwhile, see :meth:`arrive`."""
        page.goto(self.url)
        page.get_by_label("Username").fill(person.name)
        page.get_by_label("Password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()

    def arrive(self, page):
        """Wait until JupyterLab is there."""
        page.wait_for_url("**/lab*", timeout=180_000)
        page.get_by_role("menubar").first.wait_for(timeout=180_000)


def expose_application(path):
    """Let the journey ask JupyterLab when something has come to an end."""
    lab = json.loads(path.read_text())
    lab["exposeAppInBrowser"] = "true"
    path.write_text(json.dumps(lab))


def copy_course(folder, labs=1):
    """Copy the repository as a clone has it, with its first labs only; return the folder."""
    shutil.copytree(ROOT / "autograders", folder / "autograders", ignore=NOT_CLONED)
    shutil.copytree(ROOT / "tinytorch", folder / "tinytorch", ignore=NOT_CLONED)
    shutil.copytree(ROOT / "checkpoints", folder / "checkpoints", ignore=NOT_CLONED)
    (folder / "modules" / ASSIGNMENT).mkdir(parents=True)
    for lab in LABS[:labs]:
        shutil.copy(lab, folder / "modules" / ASSIGNMENT)
    shutil.copy(LABS[0].with_name("assignment.toml"), folder / "modules" / ASSIGNMENT)
    shutil.copy(ROOT / "modules" / "README.md", folder / "modules")
    for name in (*settings.FILES, "pyproject.toml", "constraints.txt", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


NOT_CLONED = shutil.ignore_patterns("__pycache__", ".*_cache", "*.pyc")


def answered(lab, words, replacing=None, extra=()):
    """Return a lab as a student hands it in: right but in `replacing`, in their own words.

    Cells with the code in `extra` are added at its end.
    """
    source = nbformat.read(lab, as_version=4)
    notebook = fill_in(source, source, replacing)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and marks.get("grade") and marks.get("solution"):
            cell.source = words
        if cell.cell_type == "code" and "### BEGIN HIDDEN" in cell.source:
            cell.source = cell.source.partition("### BEGIN HIDDEN")[0]
    notebook.cells.extend(map(nbformat.v4.new_code_cell, extra))
    return nbformat.writes(notebook)


def readable_environment(environment):
    """Make an environment of the packages that run this test, for everybody and without the course.

    `set_up` would install the same packages from the network. Where ordinary users cannot reach
    this Python, the system's takes its place if it is of the same version.
    """
    version = "{}.{}".format(*sys.version_info)
    pythons = (Path(sys._base_executable), Path(f"/usr/bin/python{version}"))
    python = next((path for path in map(Path.resolve, pythons) if everybody_reaches(path)), None)
    assert python, f"ordinary users can run no Python {version} here: {[*map(str, pythons)]}"
    if not (VENV / "proxy").exists():
        from autograders.course.hub import _install_proxy

        _install_proxy(VENV)
    packages = environment / "lib" / f"python{version}" / "site-packages"
    (environment / "bin").mkdir(parents=True)
    packages.mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(python)
    (environment / "pyvenv.cfg").write_text(f"home = {python.parent}\n")
    for name in ("share", "etc", "proxy"):
        link_tree(environment / name, VENV / name)
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith(LEFT_OUT):
            link_tree(packages / path.name, path)
    for path in (VENV / "bin").iterdir():
        script = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if script.startswith(f"#!{VENV}/bin/python".encode()):
            code = script.partition(b"\n")[2]
            (environment / "bin" / path.name).write_bytes(
                f"#!{environment}/bin/python\n".encode() + code
            )
            (environment / "bin" / path.name).chmod(0o755)


def link_tree(target, source):
    """Link a file or a tree's files, or copy them to another file system.

    Links to folders would not do: a sandbox sees the environment and nothing that it leads to.
    """
    same_system = source.stat().st_dev == target.parent.stat().st_dev
    run("cp", "-a", *(["-l"] if same_system else []), source, target)


def everybody_reaches(path):
    """Return whether every user may open a file or a folder, and all folders on the way to it."""
    return (
        path.exists()
        and path.stat().st_mode & 0o005 == 0o005
        and all(part.stat().st_mode & 0o001 for part in path.parents)
    )


def free_ports(number):
    """Return the first of so many ports in a row that nobody listens on."""
    for first in range(18_000, 19_000, number):
        with ExitStack() as sockets:
            taken = [
                sockets.enter_context(socket.socket()).connect_ex(("127.0.0.1", port)) == 0
                for port in range(first, first + number)
            ]
        if not any(taken):
            return first
    raise AssertionError("no free ports from 18000 to 19000")


def run(*command, stdin=None):
    """Run a command of the system, which must succeed."""
    done = subprocess.run(
        [str(part) for part in command], input=stdin, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"
