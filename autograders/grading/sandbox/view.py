"""What a kernel sees: the system and Python, read-only, and what the course gives out beside.

Everything is bound where it is, nothing is copied. What would give something away is covered: this
package, the finders that lead from an editable installation to its repository, and what the course
says of its own packages. Only :mod:`.room` leans on it.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from traitlets.utils.importstring import import_item

COURSE = "/course"  # where the kernel finds the course's packages
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "R")


@dataclass(frozen=True)
class Given:
    """What a course gives out beside a lab.

    Attributes
    ----------
    assignment, lab : str
        The lab.
    packages : tuple of (str, str)
        Packages of the course's own, from wherever they are installed; and the name of a function
        that says what of one is covered for this lab, or nothing. It gets the package's folder,
        the assignment and the lab, and returns names of files by the folder inside the package:
        the folder is covered, and these files in it are shown.
    folders : tuple of str
        Folders that are read where they are.
    """

    assignment: str
    lab: str
    packages: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()


def mounts(given: Given, own_processes: bool = True, shared: int = 256) -> list[str]:
    """Return Bubblewrap's options for everything that a lab's kernel may read.

    Parameters
    ----------
    given : Given
        What the course gives out.
    own_processes : bool
        Whether processes are counted anew inside: else ``/proc`` is the system's.
    shared : int
        Megabytes of memory that processes may share.

    Examples
    --------
    >>> options = mounts(Given("ps1", "problem1", packages=(("colorsys", ""),)))
    >>> options[-1]
    '/course/colorsys.py'
    """
    names = [name for name, _ in given.packages]
    return [
        *_system(own_processes, shared),
        *_python(names),
        *("--perms", "0755", "--dir", COURSE),
        *(part for name, cover in given.packages for part in _package(name, cover, given)),
        *(part for folder in given.folders for part in bind(Path(folder), Path(folder))),
    ]


def _system(own_processes: bool, shared: int) -> Iterator[str]:
    for name in (*_SYSTEM, *(f"/etc/{name}" for name in _ETC)):
        path = Path(name)
        if path.is_symlink() and name in _SYSTEM:
            yield from ("--symlink", str(path.readlink()), name)
        elif path.exists():
            yield from bind(path, path)
    yield from (("--proc", "/proc") if own_processes else ("--ro-bind", "/proc", "/proc"))
    if own_processes:
        # Some settings of its namespaces are an ordinary user's own: the size of buffers, say.
        yield from ("--ro-bind", "/proc/sys", "/proc/sys")
        if Path("/proc/keys").exists():
            yield from ("--ro-bind", "/dev/null", "/proc/keys")  # of the grader's login, too
    yield from ("--dev", "/dev")
    # As many zeros to read, but mapped it would be memory to share, of any size.
    yield from ("--dev-bind", "/dev/full", "/dev/zero")
    yield from ("--perms", "1777", "--size", str(shared * 2**20), "--tmpfs", "/dev/shm")
    yield from ("--remount-ro", "/dev")  # it has no size, and is an ordinary user's own


def _python(packages: Sequence[str]) -> Iterator[str]:
    """Bind the environment, with this package in it covered, and those of the course's own."""
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not prefix.startswith("/usr/") and prefix != "/usr":
            yield from bind(Path(prefix), Path(prefix))
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for finder in sorted(Path(folder).glob("__editable__*")):
            yield from ("--ro-bind", "/dev/null", str(finder))
    for package in (*packages, "autograders"):
        home = _home(package)
        inside = any(home.is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
        if inside and home.is_dir():
            yield from ("--tmpfs", str(home), "--remount-ro", str(home))


def bind(source: Path, target: Path) -> Iterator[str]:
    """Yield options for a folder to be read in a place of its own, open to everybody."""
    for parent in reversed(target.parents[:-1]):  # Bubblewrap would close them
        yield from ("--perms", "0755", "--dir", str(parent))
    yield from ("--ro-bind", str(source), str(target))


def _package(name: str, cover: str, given: Given) -> Iterator[str]:
    home = _home(name)
    inside = f"{COURSE}/{home.name}"
    yield from ("--ro-bind", str(home), inside)
    covered: Mapping[str, Sequence[str]] = {}
    if cover:
        covered = import_item(cover)(home, given.assignment, given.lab)
    for folder in covered:
        yield from ("--perms", "0755", "--tmpfs", f"{inside}/{folder}")
    for folder, shown in covered.items():
        for file in shown:
            yield from ("--ro-bind", str(home / folder / file), f"{inside}/{folder}/{file}")
    for folder in covered:
        yield from ("--remount-ro", f"{inside}/{folder}")


def stamp(packages: Sequence[str]) -> int:
    """Return a number that changes when a file of one of the packages does."""
    files = (path for name in packages for path in _modules(_home(name)))
    return max((path.stat().st_mtime_ns for path in files), default=0)


def _modules(home: Path) -> Iterator[Path]:
    yield from home.rglob("*.py") if home.is_dir() else (home,)


@lru_cache
def _home(package: str) -> Path:
    """Return the folder of a package, or the file of a module."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    origin = Path(spec.origin).resolve()
    return origin if spec.submodule_search_locations is None else origin.parent
