"""Files that answers write: a check reads them as it reads those that the course gives out.

The kernel tells the judge what lies in the folder that it works in (:func:`written`); the judge
writes what is new into its own (:class:`Files`), as data: never what Python or a library would run
or read by itself, and never over a file of the course's own. What is unpickled from such a file may
hold plain values and arrays, and nothing that could act.
"""

from __future__ import annotations

import builtins
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path, PurePosixPath
from pickle import UnpicklingError
from typing import Any

MOST = 1000  # files
LARGEST = 32 * 2**20  # bytes of all that are told at once
_DEEPEST = 8  # folders in folders
_RUN = (
    *(".py", ".pyc", ".pyi", ".pyo", ".pyw", ".so", ".pyd", ".dll", ".pth", ".egg", ".whl"),
    ".ipynb",
)
_READ = ("matplotlibrc", "timestamp.txt")
# What plain values, arrays and dates are made of when they are unpickled.
_PLAIN = {
    **dict.fromkeys(
        ("builtins", "__builtin__"),  # the other one in old protocols
        {"bytearray", "complex", "frozenset", "object", "range", "set", "slice"},
    ),
    "collections": {"Counter", "OrderedDict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "_codecs": {"encode"},
    "numpy": {"dtype", "ndarray"},
    **dict.fromkeys(
        ("numpy.core.multiarray", "numpy._core.multiarray"), {"_reconstruct", "scalar"}
    ),
    "numpy._core.numeric": {"_frombuffer"},
    "numpy.core.numeric": {"_frombuffer"},
}
# As they were before an answer could put something else in their place.
_scandir, _stat, _open, _read, _close = os.scandir, os.stat, os.open, os.read, os.close

Told = tuple[tuple[str, int, int, bytes], ...]


def may_be_shown(name: object) -> bool:
    """Return whether a file of this name, in the folder of the notebook, is data and no more.

    Examples
    --------
    >>> [may_be_shown(name) for name in ("out/table.csv", "helpers.py", "../x", ".hidden", "/a")]
    [True, False, False, False, False]
    """
    if type(name) is not str or not 0 < len(name) <= 1000 or not name.isprintable():
        return False
    path = PurePosixPath(name)
    if path.is_absolute() or str(path) != name or "\\" in name or len(path.parts) > _DEEPEST:
        return False
    hidden = any(part.startswith(".") for part in path.parts)
    return not (hidden or name.lower().endswith(_RUN) or path.name in _READ)


def written(known: Iterable[tuple[str, int, int]], folder: str = "") -> Told:
    """Return the files in a folder that the other side does not know as they are now.

    Parameters
    ----------
    known : iterable of (str, int, int)
        The name of each that it knows, when it was changed (nanoseconds), and its size.
    folder : str
        The folder.

    Returns
    -------
    tuple of (str, int, int, bytes)
        The same of each, and its content; as many as may be told at once.
    """
    before = {name: (changed, size) for name, changed, size in known}
    told: list[tuple[str, int, int, bytes]] = []
    left = LARGEST
    for name, found in _files(folder or "."):
        about = found.st_mtime_ns, found.st_size
        if before.get(name) == about or found.st_size > left:
            continue
        left -= found.st_size
        told.append((name, *about, _content(os.path.join(folder, name), found.st_size)))
        if len(told) == MOST:
            break
    return tuple(told)


def _files(folder: str, inside: str = "", depth: int = 1) -> Iterator[tuple[str, os.stat_result]]:
    with _scandir(folder) as entries:
        listed = sorted((entry.name, entry.path) for entry in entries)
    for name, path in listed:
        found = _stat(path, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode) and depth < _DEEPEST and not name.startswith("."):
            yield from _files(path, f"{inside}{name}/", depth + 1)
        elif stat.S_ISREG(found.st_mode) and may_be_shown(f"{inside}{name}"):
            yield f"{inside}{name}", found


def _content(path: str, size: int) -> bytes:
    file = _open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        content = b""
        while len(content) < size and (more := _read(file, size - len(content))):
            content += more
        return content
    finally:
        _close(file)


class Files:
    """What the judge has in its folder beside the files of the course.

    Parameters
    ----------
    folder : str
        Where it works.
    """

    def __init__(self, folder: str) -> None:
        self.where, self.folder = folder, Path(folder)
        self.taken: dict[str, tuple[int, int]] = {}
        self.opened = False  # whether the part of a check that is run now has opened one of them
        self.heard = False

    def watch(self, look_again: Callable[[], None]) -> None:
        """Have a function called before anybody looks at a file in the folder, or for one."""

        def seen(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def look(path: Any = ".", *arguments: Any, **keywords: Any) -> Any:
                if isinstance(path, (str, bytes, os.PathLike)):
                    place = os.path.join(self.folder, os.fsdecode(path))
                    if os.path.commonpath((self.folder, os.path.normpath(place))) == self.where:
                        look_again()
                return function(path, *arguments, **keywords)

            return look

        builtins.open = io.open = seen(io.open)
        os.stat, os.listdir, os.scandir = seen(os.stat), seen(os.listdir), seen(os.scandir)

    def known(self) -> tuple[tuple[str, int, int], ...]:
        """Return what :func:`written` asks for."""
        return tuple((name, *about) for name, about in self.taken.items())

    def take(self, told: object) -> None:
        """Write what the other side told, as far as it is well formed, and may be shown."""
        self.opened = False
        for name, changed, size, content in _well_formed(told):
            path = self.folder / name
            if name not in self.taken and (os.path.lexists(path) or len(self.taken) == MOST):
                continue  # the course's own, or a check's
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except OSError:
                continue  # no room, or a file where a folder would have to be: it is not there
            self.taken[name] = changed, size
            self._hear()

    def contents(self) -> Mapping[str, bytes]:
        """Return what was taken, by name; as many as may be told at once."""
        found, left = {}, LARGEST
        for name in sorted(self.taken):
            path = self.folder / name
            if path.is_file() and path.stat().st_size <= left:
                found[name] = path.read_bytes()
                left -= len(found[name])
        return found

    def _hear(self) -> None:
        """From now on, notice what is opened, and what is unpickled then."""
        if not self.heard:
            self.heard = True
            sys.addaudithook(self._noticed)

    def _noticed(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            path = os.path.relpath(os.fsdecode(arguments[0]), self.folder)
            self.opened = self.opened or path in self.taken
        elif event == "pickle.find_class" and self.opened:
            module, name = arguments
            if name not in _PLAIN.get(module, ()):
                raise UnpicklingError(
                    f"The file asks for {module}.{name}. From a file that an answer wrote, a check "
                    "reads plain values and arrays, and no other objects."
                )


def _well_formed(told: object) -> Iterator[tuple[str, int, int, bytes]]:
    for entry in told if type(told) is tuple else ():
        kinds = tuple(map(type, entry)) if type(entry) is tuple else ()
        if kinds == (str, int, int, bytes) and may_be_shown(entry[0]):
            yield entry
