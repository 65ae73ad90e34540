"""Files that answers and checks write, where the other side looks for them.

The kernel tells the judge what is new in the folder that it works in, and in folders that the check
has made (:func:`written`). The judge writes it at the same place (:class:`Files`), as data: never
what Python or a library would run or read by itself, and never over a file of the course's own.
What is unpickled from such a file may hold plain values and arrays, and nothing that could act.
The other way, an answer finds what a check has written for it (:func:`keep`).
"""

from __future__ import annotations

import builtins
import io
import os
import stat
import sys
import tempfile
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
    *(".ipynb", ".ipy", ".sh", ".bash"),
)
# What a library looks for by itself: pytest would collect, or leave out, what it says there.
_READ = (
    *("matplotlibrc", "timestamp.txt"),
    *("pytest.ini", "pytest.toml", "setup.cfg", "tox.ini", "pyproject.toml"),
)
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
# By these, a check reads files of which no path is told.
_READ_BESIDE = {"sqlite3.connect", "subprocess.Popen", "os.system", "os.posix_spawn"}
_OPEN = "/proc/self/fd"
# As they were before an answer could put something else in their place.
_scandir, _stat, _open, _read, _close = os.scandir, os.stat, os.open, os.read, os.close
_mkdir, _write = os.makedirs, Path.write_bytes

Told = tuple[tuple[str, int, int, bytes], ...]
News = tuple[tuple[str, bytes | None], ...]


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
    # Folders, too: one by a notebook's name would lie where the notebook is to be written.
    return not any(
        part.startswith(".") or part.lower().endswith(_RUN) or part in _READ for part in path.parts
    )


def written(known: Iterable[tuple[str, int, int]], places: Iterable[str] = ()) -> Told:
    """Return the files that the other side does not know as they are now.

    Parameters
    ----------
    known : iterable of (str, int, int)
        The name of each that it knows, when it was changed (nanoseconds), and its size.
    places : iterable of str
        Folders that are looked into beside the current one. Names of files in them begin with
        theirs.

    Returns
    -------
    tuple of (str, int, int, bytes)
        The same of each, and its content; as many as may be told at once.
    """
    before = {name: (changed, size) for name, changed, size in known}
    told: list[tuple[str, int, int, bytes]] = []
    left = LARGEST
    for place in ("", *places):
        for name, found in _files(place or "."):
            path, about = os.path.join(place, name), (found.st_mtime_ns, found.st_size)
            if before.get(path) == about or found.st_size > left:
                continue
            left -= found.st_size
            told.append((path, *about, _content(path, found.st_size)))
            if len(told) == MOST:
                return tuple(told)
    return tuple(told)


def keep(news: News) -> tuple[tuple[str, int, int], ...]:
    """Make the folders, and write the files, that the other side tells of; return how they are."""
    kept = []
    for path, content in news:
        try:
            if content is None:
                _mkdir(path, exist_ok=True)
                continue
            _mkdir(os.path.dirname(path) or ".", exist_ok=True)
            _write(Path(path), content)
            found = _stat(path)
        except OSError:
            continue  # then an answer that looks for it says that it is not there
        kept.append((path, found.st_mtime_ns, found.st_size))
    return tuple(kept)


def _files(folder: str, inside: str = "", depth: int = 1) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with _scandir(folder) as entries:
            listed = sorted((entry.name, entry.path) for entry in entries)
    except OSError:
        return  # it is gone
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
    """What the judge shares with the kernel: its folder, and those that checks make.

    A file is called by its path from the folder, or below a folder that a check has made.

    Parameters
    ----------
    folder : str
        Where it works.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.temporary = f"{tempfile.gettempdir()}/"
        self.places: dict[str, bool] = {}  # folders that checks made, and whether they are told
        self.own: dict[
            str, tuple[int, int] | None
        ] = {}  # files that checks wrote, as they were told
        self.taken: dict[str, tuple[int, int]] = {}  # files, as they are on the other side
        self.theirs: set[str] = set()  # those of which the other side wrote the content
        self.nodes: set[tuple[int, int]] = set()  # the same, whatever they are called by now
        self.opened = False  # whether a check has opened one of these
        self.confined = False  # whether what it unpickles is looked at

    # What a check does

    def watch(self, look_again: Callable[[], None]) -> None:
        """Have a function called before a check looks at a file; note what it makes itself."""

        def looks(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def look(path: Any = ".", *arguments: Any, **keywords: Any) -> Any:
                if self._name(path) is not None:
                    look_again()
                return function(path, *arguments, **keywords)

            return look

        def makes(function: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
            @wraps(function)
            def make(path: Any, *arguments: Any, **keywords: Any) -> Any:
                done = function(path, *arguments, **keywords)
                note(path, *arguments, **keywords)
                return done

            return make

        builtins.open = io.open = makes(looks(io.open), self._opens)
        os.open = makes(os.open, self._opens)
        os.mkdir = makes(os.mkdir, self._makes)
        os.stat, os.listdir, os.scandir = looks(os.stat), looks(os.listdir), looks(os.scandir)

    def _name(self, path: Any) -> str | None:
        """Return what a file or folder is called that is shared, None for any other."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return None
        whole = os.path.normpath(os.path.join(self.folder, os.fsdecode(path)))
        if whole == self.folder or whole.startswith(f"{self.folder}/"):
            return os.path.relpath(whole, self.folder)
        below = any(whole == place or whole.startswith(f"{place}/") for place in self.places)
        return whole if below else None

    def _opens(self, path: Any, mode: Any = "r", *_: Any, **__: Any) -> None:
        if not (mode & os.O_CREAT if isinstance(mode, int) else set(mode) & set("wax+")):
            return
        name = self._name(path)
        if name is None and isinstance(path, (str, bytes, os.PathLike)):
            whole = os.path.abspath(os.fsdecode(path))
            name = whole if whole.startswith(self.temporary) else None
        if name is not None and len(self.own) < MOST:
            self.own.setdefault(name, None)

    def _makes(self, path: Any, *_: Any, **__: Any) -> None:
        whole = os.path.abspath(os.fsdecode(path))
        here = self._name(path) is not None or whole.startswith(self.temporary)
        if here and len(self.places) < MOST:
            self.places.setdefault(whole, False)

    # To the other side

    def news(self) -> News:
        """Return what checks have made since, for :func:`keep`."""
        made: list[tuple[str, bytes | None]] = []
        for place, told in self.places.items():
            if not told and os.path.isdir(place):
                self.places[place] = True
                made.append((self._name(place) or place, None))
        left = LARGEST
        for name, told_as in self.own.items():
            about = self._about(name)
            if about is None or about == told_as or about[1] > left:
                continue
            left -= about[1]
            self.own[name] = about
            made.append((name, _content(os.path.join(self.folder, name), about[1])))
        return tuple(made)

    def _about(self, name: str) -> tuple[int, int] | None:
        try:
            found = _stat(os.path.join(self.folder, name), follow_symlinks=False)
        except OSError:
            return None  # it is gone
        return (found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None

    def kept(self, told: object) -> None:
        """Take what :func:`keep` has returned: how what a check wrote is on the other side."""
        for entry in told if type(told) is tuple else ():
            kinds = tuple(map(type, entry)) if type(entry) is tuple else ()
            if kinds == (str, int, int) and entry[0] in self.own:
                self.taken[entry[0]] = entry[1:]

    # From the other side

    def known(self) -> tuple[tuple[str, int, int], ...]:
        """Return what :func:`written` asks for."""
        return tuple((name, *about) for name, about in self.taken.items())

    def shared(self) -> tuple[str, ...]:
        """Return the folders that :func:`written` should look into."""
        return tuple(p for p in self.places if not p.startswith(f"{self.folder}/"))

    def take(self, told: object) -> None:
        """Write what the other side told, as far as it is well formed, and may be shown."""
        for name, changed, size, content in self._well_formed(told):
            path = Path(self.folder, name)
            if name not in self.taken and (os.path.lexists(path) or len(self.taken) == MOST):
                continue  # the course's own, or a check's
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                self.nodes.add(_node(path))
            except OSError:
                continue  # no room, or a file where a folder would have to be: it is not there
            self.taken[name] = changed, size
            self.theirs.add(name)
            self.own.pop(name, None)

    def confine(self) -> None:
        """Let nothing that could act be unpickled, for as long as the process lives.

        It costs a little with whatever is opened, so it begins with the first file of theirs.
        """
        if self.theirs and not self.confined:
            self.confined = True
            sys.addaudithook(self._noticed)

    def _well_formed(self, told: object) -> Iterator[tuple[str, int, int, bytes]]:
        for entry in told if type(told) is tuple else ():
            kinds = tuple(map(type, entry)) if type(entry) is tuple else ()
            if kinds == (str, int, int, bytes) and may_be_shown(self._inside(entry[0])):
                yield entry

    def _inside(self, name: str) -> str:
        """Return a file's path from the shared folder that it is in."""
        for place in self.shared():
            if name.startswith(f"{place}/"):
                return name.removeprefix(f"{place}/")
        return name

    def theirs_among(self, told: object) -> Told:
        """Return of what the other side told what it wrote itself, in the notebook's folder."""
        found = []
        for entry in self._well_formed(told):
            name, *about, _ = entry
            there = os.path.lexists(os.path.join(self.folder, name))
            own = name not in self.theirs and self.taken.get(name) == tuple(about)
            if not os.path.isabs(name) and not own and (name in self.taken or not there):
                found.append(entry)
        return tuple(found)

    def contents(self) -> Mapping[str, bytes]:
        """Return what was taken from the kernel's folder, by name; as many as may be told."""
        found, left = {}, LARGEST
        for name in sorted(self.theirs):
            about = None if os.path.isabs(name) else self._about(name)
            if about is not None and about[1] <= left:
                found[name] = _content(os.path.join(self.folder, name), about[1])
                left -= len(found[name])
        return found

    def _noticed(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Notice what is opened of theirs, and from then on what is unpickled."""
        if event == "open":
            self.opened = self.opened or self._is_theirs(arguments[0])
        elif event in _READ_BESIDE:
            self.opened = True
        elif event == "pickle.find_class":
            module, name = arguments
            if name not in _PLAIN.get(module, ()) and (self.opened or self._is_any_open()):
                raise UnpicklingError(
                    f"The file asks for {module}.{name}. From a file that an answer wrote, a check "
                    "reads plain values and arrays, and no other objects."
                )

    def _is_theirs(self, file: Any) -> bool:
        """Return whether a path, whatever leads there, or a number is that of a file of theirs."""
        try:
            return _node(file) in self.nodes
        except (OSError, ValueError, TypeError):
            return False  # there is none, or it is none

    def _is_any_open(self) -> bool:
        """Return whether a file of theirs is open: a library may open it without Python."""
        with _scandir(_OPEN) as entries:
            return any(self._is_theirs(int(entry.name)) for entry in entries)


def _node(file: Any) -> tuple[int, int]:
    found = _stat(file)
    return found.st_dev, found.st_ino
