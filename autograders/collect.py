"""Unpacks students' zips into nbgrader's ``submitted/``: ``python -m autograders collect FOLDER``.

Of which assignment a zip is, its name says. What it holds was made by a stranger: it is read within
limits, only notebooks named like a lab are taken, and nothing is written outside
``submitted/STUDENT/ASSIGNMENT/``. Whose a zip is and when it was packed, nbgrader's own collector
reads off its name (``named_regexp`` in ``nbgrader_config.py``), so that ``nbgrader zip_collect``
understands the same files. Leans on the labs' names in the source, and on the class list in the
gradebook where there is one.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from glob import glob
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import parse_utc
from rich.console import Console

from autograders import layout
from autograders.console import one_line
from autograders.grading.names import UnfitName, alike, check_name, key
from autograders.grading.settings import SettingsError
from autograders.students import listed

MOST_ENTRIES = 1_000  # files in a zip
LARGEST = 20_000_000  # bytes of a notebook
CLOCKS = timedelta(minutes=10)  # that two machines' may differ by
_DAMAGE = (  # what zipfile raises for a damaged or unusual zip
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeDecodeError,
)
_CLUTTER = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini"}


class Unplaced(ValueError):
    """A file that cannot be placed; the message says why."""


@dataclass(frozen=True)
class HandIn:
    """One student's zip, read and found sound.

    Attributes
    ----------
    path : Path
        The zip.
    student, assignment : str
    time : datetime
        When it was packed, in UTC without a time zone, as nbgrader has it.
    labs : mapping of str to bytes
        Notebooks by the lab's name.
    ignored : tuple of str
        Files in it that are no lab.
    """

    path: Path
    student: str
    assignment: str
    time: datetime
    labs: Mapping[str, bytes]
    ignored: tuple[str, ...]


@dataclass
class Outcome:
    """What became of a folder of zips: a line for each file.

    Attributes
    ----------
    placed, kept : list of str
        Hand-ins that are now in ``submitted/``, and files that were passed over for a later one.
    unplaced : list of str
        Files that need a person, and why.
    doubts : list of str
        Names that do not agree with the class list, or with each other.
    absent : list of str
        Who is in the class list and has nothing in ``submitted/`` of an assignment of which the
        folder has some zip.
    """

    placed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def collect(folder: str | Path, root: Path | None = None) -> Outcome:
    """Put the latest hand-in of each student for each assignment into ``submitted/``.

    Parameters
    ----------
    folder : str or Path
        Zips as the learning platform gave them, in folders of their own or not.
    root : Path, optional
        The course's folder, with its ``nbgrader_config.py`` (by default, the current one).

    Returns
    -------
    Outcome
        An older hand-in that was in ``submitted/`` is moved to ``superseded/``; one as late, later
        or without a time stamp is kept.

    Raises
    ------
    FileNotFoundError
        If `folder` is no folder, or there are no labs.
    SettingsError
        If the course's settings cannot be read.
    """
    folder = Path(folder)
    course = layout.course(root)
    labs = {
        name: {path.stem for path in layout.notebooks(course, name)}
        for name in layout.assignments(course)
    }
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    if not labs:
        raise FileNotFoundError(f"there are no labs in {course.source_directory}/")
    outcome, found = Outcome(), dict[tuple[str, str], list[HandIn]]()
    collector = FileNameCollectorPlugin(config=course.config)
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            hand_in = read(path, collector, labs)
        except Unplaced as problem:
            outcome.unplaced.append(f"{name}: {problem}")
            continue
        found.setdefault((hand_in.assignment, hand_in.student), []).append(hand_in)
    for (assignment, _), hand_ins in sorted(found.items()):
        latest = _latest(hand_ins, folder, outcome)
        if latest is not None:
            _place(latest, course, labs[assignment], outcome)
    _compare(found.keys(), course, outcome)
    return outcome


def _latest(hand_ins: list[HandIn], folder: Path, outcome: Outcome) -> HandIn | None:
    """Return which of a student's hand-ins counts, if their times can tell; note the others."""
    time = max(one.time for one in hand_ins)
    first, *others = (one for one in hand_ins if one.time == time)
    differ = any(one.labs != first.labs for one in others)
    for one in hand_ins:
        name = one.path.relative_to(folder).as_posix()
        if differ and one.time == time:
            outcome.unplaced.append(
                f"{name}: {one.student} handed in something else at the very same time; ask which "
                "one counts, and move the other away"
            )
        elif one is not first:
            outcome.kept.append(f"{name}: {one.student} handed in again")
    return None if differ else first


def _compare(found: Collection[tuple[str, str]], course: CourseDirectory, outcome: Outcome) -> None:
    """Note who is not in the class list, who is alone in it, and who look like one person."""
    students = listed(Path(course.root))
    outcome.doubts += alike(_handed_in(course, "*"))
    by_key = {key(name): name for name in students}
    for name in sorted({name for _, name in found} - students) if students else ():
        like = by_key.get(key(name))
        more = f", which has {like!r}: if that is who it is, rename the zip" if like else ""
        outcome.doubts.append(f"{name!r} is not in the class list{more}")
    for assignment in sorted({assignment for assignment, _ in found}):
        there = _handed_in(course, assignment)
        outcome.absent += [f"{name}: {assignment}" for name in sorted(students - there)]


def _home(course: CourseDirectory, student: str, assignment: str) -> Path:
    return Path(course.format_path(course.submitted_directory, student, assignment))


def _handed_in(course: CourseDirectory, assignment: str) -> set[str]:
    """Return who has handed in something of an assignment, which may be a pattern."""
    pattern = course.format_path(course.submitted_directory, "(?P<student>[^/]+)", ".*", True)
    found = glob(str(_home(course, "*", assignment)))
    return {match["student"] for path in found if (match := re.fullmatch(pattern, path))}


def read(
    path: Path, collector: FileNameCollectorPlugin, labs: Mapping[str, Collection[str]]
) -> HandIn:
    """Read a zip of one of the assignments, whose `labs` are given, without writing anything.

    Raises
    ------
    Unplaced
        If it is no sound zip of labs, or its name does not say whose it is, or what.
    """
    if path.suffix.lower() != ".zip":
        raise Unplaced("is no zip; students hand in the zip that tinytorch.submit makes")
    assignment, student, time = _owner(path, collector, labs)
    found: dict[str, bytes] = {}
    ignored = []
    try:
        with zipfile.ZipFile(path) as archive:
            for info, inside in _entries(archive):
                if inside.suffix != ".ipynb" or inside.stem not in labs[assignment]:
                    ignored.append(inside.as_posix())
                elif inside.stem in found:
                    raise Unplaced(f"holds {inside.name} twice; ask which one counts")
                else:
                    found[inside.stem] = _read(archive, info)
    except _DAMAGE as error:
        raise Unplaced(f"cannot be unpacked: {error}") from None
    if not found:
        more = "; it holds zips: unpack it first" if any(".zip" in name for name in ignored) else ""
        held = ", ".join(ignored[:5]) or "nothing"
        raise Unplaced(f"holds no lab of {assignment}, only {held}{more}")
    return HandIn(path, student, assignment, time, found, tuple(ignored))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.name not in _CLUTTER and (path.is_symlink() or path.is_file()):
            yield path


def _owner(
    path: Path, collector: FileNameCollectorPlugin, assignments: Collection[str]
) -> tuple[str, str, datetime]:
    if path.is_symlink():
        raise Unplaced("is a link, not a file")
    matched = collector.collect(f"/{path.stem}/lab.ipynb") or {}
    if not {"student_id", "timestamp"} <= matched.keys():
        raise Unplaced(
            "its name does not say whose it is; rename it ASSIGNMENT--NAME--TIME.zip, as in "
            f"{min(assignments)}--NAME--20261123T154500Z.zip"
        )
    named = [name for name in assignments if f"{name}--" in path.name]
    if not named:
        raise Unplaced(f"its name is that of another assignment than {' or '.join(assignments)}")
    try:
        student, time = check_name(matched["student_id"]), parse_utc(matched["timestamp"])
    except UnfitName as problem:
        raise Unplaced(str(problem)) from None
    except ValueError:
        raise Unplaced(f"its name has no such time as {matched['timestamp']}") from None
    if _to_come(time):
        raise Unplaced(
            f"its name says {time:%Y-%m-%d %H:%M:%S} UTC, which is still to come; rename it with "
            "the time at which the platform received it"
        )
    return max(named, key=len), student, time


def _to_come(time: datetime) -> bool:
    """Return whether a time cannot have been when something was packed."""
    return time > datetime.now(UTC).replace(tzinfo=None) + CLOCKS


def _entries(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Yield a zip's files with their paths; refuse a zip that could do harm."""
    if len(archive.infolist()) > MOST_ENTRIES:
        raise Unplaced(f"holds {len(archive.infolist()):,} files; at most {MOST_ENTRIES:,}")
    for info in archive.infolist():
        inside = PurePosixPath(unicodedata.normalize("NFC", info.filename.replace("\\", "/")))
        if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[:1]:
            raise Unplaced(f"holds a path that leads out of it: {info.filename}")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Unplaced(f"holds a link instead of a file: {info.filename}")
        if info.flag_bits & 1:
            raise Unplaced("is encrypted")
        if not info.is_dir() and not _CLUTTER & {*inside.parts}:
            yield info, inside


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read a notebook, and no more than a notebook may have, whatever its header says."""
    with archive.open(info) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unplaced(f"{info.filename} has more than {LARGEST:,} bytes when unpacked")
    return content


def _place(hand_in: HandIn, course: CourseDirectory, labs: set[str], outcome: Outcome) -> None:
    """Move a hand-in to its place as a whole, unless what is there is as late."""
    assignment = hand_in.assignment
    home = _home(course, hand_in.student, assignment)
    shown = home.relative_to(course.root).as_posix()
    name = hand_in.path.name
    if home.exists() and any(home.iterdir()):
        before = _time_of(home)
        if before is not None and _to_come(before):
            outcome.unplaced.append(
                f"{name}: {shown}/timestamp.txt says "
                f"{before:%Y-%m-%d} UTC, which is still to come; write the right time into it, run "
                f"this again, and have {hand_in.student} graded with --force"
            )
            return
        if before is None or before >= hand_in.time:
            why = "has no time stamp" if before is None else f"is of {before:%Y-%m-%d %H:%M:%S} UTC"
            outcome.kept.append(f"{name}: {shown}/ {why}, kept")
            return
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".collect-") as scratch:
        made = Path(scratch, assignment)
        made.mkdir()
        for lab, content in hand_in.labs.items():
            (made / f"{lab}.ipynb").write_bytes(content)
        stamp = f"{hand_in.time:%Y-%m-%d %H:%M:%S.%f} UTC\n"
        (made / "timestamp.txt").write_text(stamp, encoding="utf-8")
        if home.exists():
            _set_aside(home, hand_in, Path(course.root))
        os.replace(made, home)
    remarks = [f"without {lab}" for lab in sorted(labs - hand_in.labs.keys())]
    remarks += [f"left out {other}" for other in hand_in.ignored]
    outcome.placed.append(f"{hand_in.student}: " + ", ".join([name, *remarks]))


def _time_of(home: Path) -> datetime | None:
    try:
        return parse_utc((home / "timestamp.txt").read_text(encoding="utf-8").strip())
    except (FileNotFoundError, ValueError):
        return None


def _set_aside(home: Path, hand_in: HandIn, root: Path) -> None:
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    aside = root / "superseded" / hand_in.student / f"{hand_in.assignment}--{now}"
    aside.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(home, aside)


def main(folder: str | Path, root: Path | None = None, console: Console | None = None) -> int:
    """Collect a folder and tell what became of each file; return 1 if one needs a person."""
    console = console or Console()
    try:
        outcome = collect(folder, root)
    except (FileNotFoundError, SettingsError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    groups = {
        "in submitted/": outcome.placed,
        "passed over for a later one": outcome.kept,
        "not placed": outcome.unplaced,
        "to look at": outcome.doubts,
        "in the class list, and nothing in submitted/": outcome.absent,
    }
    for title, lines in groups.items():
        if lines:
            console.print(f"{len(lines)} {title}", highlight=False)
        for line in lines:
            console.print(f"  {one_line(line)}", markup=False, highlight=False, soft_wrap=True)
    return 1 if outcome.unplaced else 0
