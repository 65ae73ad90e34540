"""A class on JupyterHub: a system user for each person, nbgrader's exchange between them.

``python -m autograders hub``, run by root in the course's folder, makes what such a class needs in
a folder of its own (``/srv/tinytorch``); ``files/`` is what lies there, and runs there without this
package. Students find no solution, no hidden test and no course in it. Leans on
:mod:`autograders.course.kit` for what students get.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autograders.course import ROOT, kit
from autograders.course.loop import CourseError, check_tools
from tinytorch.assignment import Assignment, AssignmentError, names, read

FILES = Path(__file__).resolve().parent / "files"
COURSE_ID = "tinytorch"  # as in nbgrader_config.py
EXTRAS = ("lab", "grading", "hub")
PROXY = "configurable-http-proxy@5.3.0"  # JupyterHub's own; a request may take as long as it likes


class HubError(RuntimeError):
    """The hub cannot be set up like this; the message says what to change."""


@dataclass(frozen=True)
class Hub:
    """Where a hub is, and who is who.

    Attributes
    ----------
    instructor : str
        The system user who owns the course's folder.
    students : str
        The system's group of those who may log in.
    place : Path
        The folder that everything is put into. Everybody must be able to reach it.
    course : Path
        The repository, which nobody but the instructor can read.
    assignments : tuple of str
        What is taught, all of ``modules/`` by default; what earlier labs export is given.
    port : int
        Where the hub listens, on this machine only; it uses ``port + 1`` and ``port + 2`` itself.
    """

    instructor: str
    students: str
    place: Path = Path("/srv/tinytorch")
    course: Path = ROOT
    assignments: tuple[str, ...] = ()
    port: int = 8000

    @property
    def environment(self) -> Path:
        """Python and its packages, for everybody; nothing of the course is installed there."""
        return self.place / "environment"

    @property
    def inbound(self) -> Path:
        """Where students' work arrives in the exchange."""
        return self.place / "exchange" / COURSE_ID / "inbound"


def set_up(hub: Hub, python: str = "/usr/bin/python3") -> None:
    """Make everything that is not there yet, and put everything else as it should be.

    Parameters
    ----------
    hub : Hub
        What to make, and for whom.
    python : str
        The Python 3.11 or newer to make the environment with, unless there is one.

    Raises
    ------
    HubError
        If this is not root, or a user, a group or a folder is not as it must be.
    """
    _check(hub)
    _folder(hub.place, 0o755)
    if not (hub.environment / "bin" / "python").exists():
        _install(hub.environment, python)
    if not (hub.environment / "proxy").exists():
        _install_proxy(hub.environment)
    _exchange(hub)
    _unpack_kit(hub)
    _settings(hub)
    hub.course.chmod(0o700)


def _check(hub: Hub) -> None:
    if os.geteuid() != 0:
        raise HubError("only root can start servers for others: run this with sudo")
    try:
        instructor = pwd.getpwnam(hub.instructor)
    except KeyError:
        raise HubError(f"this system has no user {hub.instructor!r}: adduser makes one") from None
    try:
        students = grp.getgrnam(hub.students)
    except KeyError:
        raise HubError(f"this system has no group {hub.students!r}: addgroup makes one") from None
    owner = pwd.getpwuid(hub.course.stat().st_uid).pw_name
    if owner != hub.instructor:
        raise HubError(
            f"{hub.course} belongs to {owner}, and must belong to {hub.instructor}: "
            f"chown -R {hub.instructor}: {hub.course}"
        )
    # What students hand in can be read by the group of the folder that it is put into.
    group = grp.getgrgid(instructor.pw_gid)
    shared = {user.pw_name for user in pwd.getpwall() if user.pw_gid == instructor.pw_gid}
    others = sorted((shared | {*group.gr_mem}) - {hub.instructor})
    if others or group == students:
        raise HubError(
            f"the group {group.gr_name} of {hub.instructor} has other members "
            f"({', '.join(others[:3]) or 'the students'}), who could read what is handed in: "
            "give the instructor a group of their own (usermod --gid)"
        )


def _install(environment: Path, python: str) -> None:
    """Make the environment that all servers and kernels run in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    packages = {*project["dependencies"], *(name for extra in EXTRAS for name in extras[extra])}
    packages |= {name for name in extras["test"] if name.startswith("pytest>")}  # the checkpoint
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    pins = str(ROOT / "constraints.txt")
    _run([python, "-m", "venv", "--clear", str(environment)])
    _run([*pip, "install", "--quiet", "-c", pins, *sorted(packages)])


def _install_proxy(environment: Path) -> None:
    npm = [str(environment / "bin" / "npm"), "install", "--silent", "--no-audit", "--no-fund"]
    _run([*npm, "--prefix", str(environment / "proxy"), PROXY])


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False, umask=0o022).returncode:
        raise HubError(f"this did not work, and says why above: {' '.join(command[:5])}")


def _exchange(hub: Hub) -> None:
    """Make the exchange with the rights that nbgrader expects, and no more.

    Sticky bits keep students from renaming or removing what others put there. Inbound can be
    written, not listed, and gives its group, the instructor's, to what is put into it.
    """
    user = pwd.getpwnam(hub.instructor)
    course = hub.inbound.parent
    _folder(course.parent, 0o1777)
    for path, mode in (
        (course, 0o755),
        (course / "outbound", 0o755),
        (course / "feedback", 0o711),
        (hub.inbound, 0o3733),
    ):
        _folder(path, mode, user.pw_uid, user.pw_gid)


def _unpack_kit(hub: Hub) -> None:
    """Put what a kit has beside the labs there; those come through the exchange."""
    taught = _taught(hub)
    with tempfile.TemporaryDirectory(dir=hub.place, prefix=".kit-") as scratch:
        made = Path(scratch, "kit")
        kit.copy_stack(hub.course, [about.name for about in taught], made)
        page = (FILES / "START.md").read_text(encoding="utf-8")
        (made / "START.md").write_text(fill_in(page, taught), encoding="utf-8")
        _open_to_all(made)
        _remove([hub.place / "kit"])
        made.rename(hub.place / "kit")


def fill_in(page: str, taught: Sequence[Assignment]) -> str:
    """Say what is taught where a page has a line in brackets: that line for each assignment."""
    found = []
    for line in page.splitlines():
        each = [kit.fill_in(line, about) for about in taught]
        found += each if "[" in line and each[0] != line else [line]
    return "\n".join([*found, ""])


def _taught(hub: Hub) -> list[Assignment]:
    """Return what the assignments that are taught say of themselves."""
    there = hub.assignments or names(hub.course)
    try:
        return [read(hub.course / "modules" / name) for name in there]
    except AssignmentError as error:
        raise HubError(str(error)) from None


def _settings(hub: Hub) -> None:
    """Write what servers read when they start, and what only the hub may read."""
    public = {
        "course_id": COURSE_ID,
        "course": str(hub.course),
        "instructor": hub.instructor,
        "exchange": str(hub.inbound.parents[1]),
    }
    _remove([hub.place / "settings"])
    shutil.copytree(FILES / "settings", hub.place / "settings")
    _write(hub.place / "settings" / "hub.json", public)
    shutil.copyfile(FILES / "single_user.py", hub.place / "single_user.py")
    _open_to_all(hub.place / "settings")
    (hub.place / "single_user.py").chmod(0o644)
    _folder(hub.place / "hub", 0o700)
    shutil.copyfile(FILES / "jupyterhub_config.py", hub.place / "hub" / "jupyterhub_config.py")
    private = {"instructor": hub.instructor, "students": hub.students, "port": hub.port}
    _write(hub.place / "hub" / "hub.json", private)


def _folder(path: Path, mode: int, user: int = 0, group: int = 0) -> None:
    path.mkdir(parents=True, exist_ok=True)
    os.chown(path, user, group)
    path.chmod(mode)


def _write(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()


def _open_to_all(folder: Path) -> None:
    """Let everybody read a folder, whatever root's umask is."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def main(hub: Hub, python: str, console: Console | None = None) -> int:
    """Set up a hub and say how it is started; return the exit status."""
    console = console or Console()
    try:
        check_tools()
        set_up(hub, python)
    except (HubError, CourseError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    start = f"{hub.environment}/bin/python -m jupyterhub -f {hub.place}/hub/jupyterhub_config.py"
    console.print(start, highlight=False, soft_wrap=True)
    return 0
