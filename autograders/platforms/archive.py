"""Opens what a learning platform packed, or a student, within limits and without writing anything.

A platform's zip holds whatever its students called their files. A path that leads out, a link, a
name that is none, a bomb: each costs the file that it is, or the zip that a student made of it, and
never anybody else's work. :mod:`.download` and :mod:`.collect` lean on it.
"""

from __future__ import annotations

import lzma
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

LARGEST = 20_000_000  # bytes of a notebook
LARGEST_ZIP = 200_000_000  # bytes of a zip that a student handed in
MOST_ENTRIES = 1_000  # files in a student's zip
MOST_FILES = 100_000  # files in a platform's
_MOST_LISTED = 20_000  # files that a student's zip may list, and those of zips in it
_LISTED = b"PK\1\2"  # begins each
DAMAGE = (  # what zipfile raises for a damaged or unusual zip
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
CLUTTER = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini"}
_UNIX_TIME = 0x5455  # the extra field of a zip that has a time in UTC


class Unplaced(Exception):
    """A file that cannot be placed; the message says why."""


@dataclass(frozen=True)
class File:
    """A file of a download.

    Attributes
    ----------
    path : PurePosixPath
        Where it is in the folder or zip.
    packed : datetime
        The time that it bears there, in UTC without a time zone.
    problem : str
        Why it must not be read, or nothing.
    """

    path: PurePosixPath
    packed: datetime
    _read: Callable[[int], bytes]
    problem: str = ""

    def read(self, most: int) -> bytes:
        """Return what is in it, up to `most` bytes.

        Raises
        ------
        Unplaced
            If it must not be read, cannot be, or has more.
        """
        content = self.head(most + 1)
        if len(content) > most:
            raise Unplaced(f"{self.path.name} has more than {most:,} bytes when unpacked")
        return content

    def head(self, most: int) -> bytes:
        """Return what is in it, and no more than the first `most` bytes.

        Raises
        ------
        Unplaced
            If it must not be read, or cannot be.
        """
        if self.problem:
            raise Unplaced(self.problem)
        try:
            return self._read(most)
        except DAMAGE as error:
            raise Unplaced(f"cannot be unpacked: {error}") from None


@contextmanager
def opened(source: Path, is_one: Callable[[PurePosixPath], bool]) -> Iterator[list[File]]:
    """Yield the files of a folder and of the downloads in it, or of one download.

    Parameters
    ----------
    source : Path
        A folder, or a zip as a platform makes it.
    is_one : callable
        Returns whether a name is a platform's: a zip in a folder is a download if it has such
        names, and has none itself.

    Raises
    ------
    FileNotFoundError
        If `source` is neither, or no sound zip.
    """
    with ExitStack() as stack:
        if source.is_dir():
            yield list(_of_folder(source, is_one, stack))
        elif source.is_file():
            try:
                zipped = stack.enter_context(zipfile.ZipFile(source))
                files = list(_of_zip(zipped))
            except DAMAGE as error:
                raise FileNotFoundError(f"{source} cannot be unpacked: {error}") from None
            yield files
        else:
            raise FileNotFoundError(f"there is no folder {source}, and no zip")


def _of_folder(
    folder: Path, is_one: Callable[[PurePosixPath], bool], stack: ExitStack
) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        inside = PurePosixPath(unicodedata.normalize("NFC", path.relative_to(folder).as_posix()))
        if not _counts(inside) or not (path.is_symlink() or path.is_file()):
            continue
        if path.suffix.lower() == ".zip" and not path.is_symlink() and not is_one(inside):
            within = list(_of_download(path, inside, is_one, stack))
            if within:
                yield from within
                continue
        packed = datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(tzinfo=None)
        problem = "is a link, not a file" if path.is_symlink() else ""
        yield File(inside, packed, partial(_of_path, path), problem)


def _of_download(
    path: Path, name: PurePosixPath, is_one: Callable[[PurePosixPath], bool], stack: ExitStack
) -> Iterator[File]:
    """Yield the files of a zip in a folder if it is a download; it is told elsewhere if not."""
    try:
        zipped = stack.enter_context(zipfile.ZipFile(path))
        files = list(_of_zip(zipped))
    except DAMAGE:
        return
    if any(is_one(file.path) for file in files):
        for file in files:
            yield replace(file, path=name / str(file.path).lstrip("/"))


def _of_path(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _of_zip(archive: zipfile.ZipFile) -> Iterator[File]:
    if len(archive.infolist()) > MOST_FILES:
        raise zipfile.BadZipFile(f"{len(archive.infolist()):,} files, at most {MOST_FILES:,}")
    for info in archive.infolist():
        inside = PurePosixPath(unicodedata.normalize("NFC", info.filename.replace("\\", "/")))
        if info.is_dir() or not _counts(inside):
            continue
        problem = ""
        try:
            check(info)
        except Unplaced as error:
            problem = str(error)
        yield File(inside, _time(info), partial(_entry, archive, info), problem)


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as file:
        return file.read(most)


def packed(name: PurePosixPath, folder: PurePosixPath, files: Sequence[File]) -> File:
    """Return as one zip what somebody has unpacked into a folder.

    Parameters
    ----------
    name : PurePosixPath
        The zip's.
    folder : PurePosixPath
        Where its files are; of others than notebooks nothing but the name is told.
    files : sequence of File
    """

    def read(most: int) -> bytes:
        content = BytesIO()
        with zipfile.ZipFile(content, "w") as made:
            for file in files:
                inside = file.path.relative_to(folder).as_posix()
                is_one = file.path.suffix == ".ipynb"
                made.writestr(inside, file.read(LARGEST) if is_one else b"")
                if content.tell() > most:
                    break
        return content.getvalue()[:most]

    return File(name, max(file.packed for file in files), read)


def _counts(path: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") and part != ".." for part in path.parts)
    return not hidden and not CLUTTER & {*path.parts}


def _time(info: zipfile.ZipInfo) -> datetime:
    """Return an entry's time: in UTC where the zip has it so, else as the packer's clock showed it.

    The field is Info-ZIP's "extended timestamp": https://libzip.org/specifications/extrafld.txt
    """
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNIX_TIME and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            (seconds,) = struct.unpack_from("<i", extra, 5)
            return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        extra = extra[4 + size :]
    try:
        return datetime(*info.date_time)
    except ValueError:
        return datetime(1980, 1, 1)


def check(info: zipfile.ZipInfo) -> PurePosixPath:
    """Return where in a zip an entry is; refuse one that could do harm.

    Raises
    ------
    Unplaced
        If its path leads out, or it is a link, or encrypted.
    """
    inside = PurePosixPath(unicodedata.normalize("NFC", info.filename.replace("\\", "/")))
    if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[:1]:
        raise Unplaced(f"holds a path that leads out of it: {info.filename}")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unplaced(f"holds a link instead of a file: {info.filename}")
    if info.flag_bits & 1:
        raise Unplaced("is encrypted")
    return inside


@dataclass(frozen=True)
class Unpacked:
    """What is in a student's zip: labs by name, and files that are none."""

    labs: dict[str, bytes]
    ignored: tuple[str, ...]


def unpack(content: bytes | Path, wanted: Callable[[str], str | None]) -> Unpacked:
    """Read the notebooks in a zip that a student made.

    Parameters
    ----------
    content : bytes or Path
        The zip, or where it is.
    wanted : callable
        Returns which lab a file's name is that of, or None.

    Raises
    ------
    Unplaced
        If the zip is not sound, or holds a lab twice.
    """
    found: dict[str, bytes] = {}
    ignored = []
    listed = (content if isinstance(content, bytes) else content.read_bytes()).count(_LISTED)
    if listed > _MOST_LISTED:  # each takes memory and time as soon as it is opened
        raise Unplaced(f"lists {listed:,} files; at most {MOST_ENTRIES:,}")
    try:
        with zipfile.ZipFile(BytesIO(content) if isinstance(content, bytes) else content) as zipped:
            if len(zipped.infolist()) > MOST_ENTRIES:
                raise Unplaced(f"holds {len(zipped.infolist()):,} files; at most {MOST_ENTRIES:,}")
            for info in zipped.infolist():
                inside = check(info)
                if info.is_dir() or CLUTTER & {*inside.parts}:
                    continue
                lab = wanted(inside.name)
                if lab is None:
                    ignored.append(inside.as_posix())
                elif lab in found:
                    raise Unplaced(f"holds {inside.name} twice; ask which one counts")
                else:
                    found[lab] = _entry(zipped, info, LARGEST + 1)
                    if len(found[lab]) > LARGEST:
                        raise Unplaced(
                            f"{info.filename} has more than {LARGEST:,} bytes when unpacked"
                        )
    except DAMAGE as error:
        raise Unplaced(f"cannot be unpacked: {error}") from None
    return Unpacked(found, tuple(ignored))
