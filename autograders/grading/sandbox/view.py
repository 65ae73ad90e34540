"""What a kernel sees: the system and Python, read-only, and ``tinytorch`` as far as it is taught.

Everything is bound where it is, nothing is copied. Folders that would give something away are
covered: what this lab and later ones export, tests and benchmarks, the instructor's package, and
the finder that leads from an editable installation to the repository. Only
:mod:`autograders.grading.sandbox.provisioner` leans on it.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

COURSE = "/course"  # where the kernel finds tinytorch
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
_ORIGIN = re.compile(
    r"^# exported from (?:.*/)?(?P<assignment>[^/\n]+)/(?P<lab>[^/\n]+)\.ipynb$", re.MULTILINE
)


def mounts(assignment: str, lab: str, own_processes: bool = True, shared: int = 256) -> list[str]:
    """Return Bubblewrap's options for everything that a lab's kernel may read.

    Parameters
    ----------
    assignment, lab : str
        The lab being graded. Modules exported from labs before it, in the order of their names,
        can be imported; its own and later ones are not there.
    own_processes : bool
        Whether processes are counted anew inside: else ``/proc`` is the system's.
    shared : int
        Megabytes of memory that processes may share.

    Examples
    --------
    >>> options = mounts("17_compression", "02_magnitude_pruning")
    >>> [option for option in options if option.endswith("compression/sparsity.py")][-1]
    '/course/tinytorch/optimization/compression/sparsity.py'
    >>> any(option.endswith("compression/magnitude.py") for option in options)
    False
    """
    return [*_system(own_processes, shared), *_python(), *_package(assignment, lab)]


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
    yield from ("--perms", "1777", "--size", str(shared * 2**20), "--tmpfs", "/dev/shm")
    yield from ("--remount-ro", "/dev")  # it has no size, and is an ordinary user's own


def _python() -> Iterator[str]:
    """Bind the environment, with the course's own packages in it covered."""
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not prefix.startswith("/usr/") and prefix != "/usr":
            yield from bind(Path(prefix), Path(prefix))
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for finder in sorted(Path(folder).glob("__editable__*")):
            yield from ("--ro-bind", "/dev/null", str(finder))
    for package in ("tinytorch", "autograders"):
        home = _home(package)
        if any(home.is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix)):
            yield from ("--tmpfs", str(home), "--remount-ro", str(home))


def bind(source: Path, target: Path) -> Iterator[str]:
    """Yield options for a folder to be read in a place of its own, open to everybody."""
    for parent in reversed(target.parents[:-1]):  # Bubblewrap would close them
        yield from ("--perms", "0755", "--dir", str(parent))
    yield from ("--ro-bind", str(source), str(target))


def _package(assignment: str, lab: str) -> Iterator[str]:
    home, inside = _home("tinytorch"), f"{COURSE}/tinytorch"
    yield from ("--perms", "0755", "--dir", COURSE)
    yield from ("--ro-bind", str(home), inside)
    exported = Path("optimization", "compression")
    covered = [
        exported,
        *(path for path in map(Path, ("tests", "benchmarks")) if (home / path).exists()),
    ]
    for path in covered:
        yield from ("--perms", "0755", "--tmpfs", f"{inside}/{path}")
    for path in sorted((home / exported).glob("*.py")):
        origin = _origin(path)
        if origin is None or origin < (assignment, lab):
            yield from ("--ro-bind", str(path), f"{inside}/{exported}/{path.name}")
    for path in covered:
        yield from ("--remount-ro", f"{inside}/{path}")


def stamp() -> int:
    """Return a number that changes when a file of ``tinytorch`` does."""
    return max(path.stat().st_mtime_ns for path in _home("tinytorch").rglob("*.py"))


@lru_cache
def _home(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).resolve().parent


@lru_cache
def _origin(module: Path) -> tuple[str, str] | None:
    """Return the assignment and the lab that a module was exported from; None: by hand."""
    found = _ORIGIN.search(module.read_text(encoding="utf-8"))
    return (found["assignment"], found["lab"]) if found else None
