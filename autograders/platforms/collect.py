"""``python -m autograders collect DOWNLOAD``: what students handed in, into ``submitted/``.

A download is what a learning platform gave: one zip of all submissions, or a folder of such zips,
unpacked or not. Some students hand in a zip whose name says it all, of which assignment it is,
whose, and from when: ``ASSIGNMENT--NAME--TIME.zip``. It is read by nbgrader's own collector
(``named_regexp`` in ``nbgrader_config.py``), so that ``nbgrader zip_collect`` understands the same
files. Of everything else the platform's names say whose it is (:mod:`autograders.platforms`), the
class list in the gradebook who that is, and ``--assignment`` of which assignment.

What is in it was made by strangers: it is read within limits, only notebooks named like a lab are
taken, and nothing is written outside ``submitted/STUDENT/ASSIGNMENT/``, ``superseded/`` and
``collected/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from glob import glob
from pathlib import Path, PurePosixPath
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import parse_utc
from rich.console import Console

from autograders import layout
from autograders.grading import times
from autograders.grading.names import UnfitName, alike, check_name, key, unfit
from autograders.grading.settings import SettingsError
from autograders.layout import LayoutError
from autograders.platforms import archive, download, record
from autograders.platforms.archive import File, Unplaced
from autograders.platforms.console import show
from autograders.platforms.download import Parcel
from autograders.platforms.groups import Groups
from autograders.platforms.groups import read as read_groups
from autograders.platforms.people import Listed, People, fold, listed
from autograders.platforms.placing import HandIn, Outcome, latest, place
from autograders.platforms.platform import NONE, Person, Platform
from autograders.platforms.record import Known, RecordError
from autograders.platforms.table import Table, TableError

# What a name says that says it all, for a course whose settings do not: whatever stands around it.
NAMED = (
    r".*--(?P<student_id>[^/]+?)--(?P<timestamp>\d{8}T\d{6}Z)[^/]*"
    r"/(?:.*/)?(?P<file_id>[^/]+)\.ipynb"
)
TROUBLE = (FileNotFoundError, LayoutError, RecordError, SettingsError, TableError)
_Made = TypeVar("_Made")


def collect(
    source: str | Path,
    root: Path | None = None,
    assignment: str | None = None,
    table: Path | None = None,
    zone: tzinfo | None = None,
    groups: Path | None = None,
) -> Outcome:
    """Put the latest hand-in of each student for each assignment into ``submitted/``.

    Parameters
    ----------
    source : str or Path
        The download.
    root : Path, optional
        The course's folder, with its ``nbgrader_config.py`` (by default, the current one).
    assignment : str, optional
        Of which assignment hand-ins are whose names do not say it (by default, the only one).
    table : Path, optional
        The platform's table of grades, which may say more of people than its files' names.
    zone : tzinfo, optional
        In which the platform's clock shows times (by default, this machine's).
    groups : Path, optional
        A table that says who hands in together (see :mod:`.groups`).

    Returns
    -------
    Outcome
        An older hand-in that was in ``submitted/`` is moved to ``superseded/``; one as late, later
        or without a time stamp is kept.

    Raises
    ------
    FileNotFoundError
        If `source` is no download, there are no labs, or there is no such table.
    LayoutError
        If there is no such assignment, or the one that is meant has to be named.
    TableError
        If the table is none of the platform's, or that of groups is none.
    RecordError
        If what is known of earlier downloads cannot be read.
    SettingsError
        If the course's settings cannot be read.
    """
    course = layout.course(root)
    labs = {
        name: {path.stem for path in layout.notebooks(course, name)}
        for name in layout.assignments(course)
    }
    if not labs:
        raise FileNotFoundError(f"there are no labs in {course.source_directory}/")
    if assignment is not None:
        layout.notebooks(course, assignment)
    outcome, found = Outcome(), dict[tuple[str, str], list[_Found]]()
    reader = _Reader(course, labs, assignment, zone, outcome, _groups(groups))
    with archive.opened(Path(source), reader.is_one) as files:
        for one in reader.find(files, table):
            found.setdefault((one.assignment, one.student), []).append(one)
        for one in _for_others(found):
            found.setdefault((one.assignment, one.student), []).append(one)
        for name, _ in found:
            reader.record(name)  # which may be damaged: before anything is placed
        for _, ones in sorted(found.items(), key=lambda item: item[0]):
            hand_ins = [made for one in ones if (made := reader.tried(one.name, one.read))]
            counts = latest(hand_ins, outcome) if hand_ins else None
            if counts is not None:
                known = reader.record(counts.assignment)
                _place(counts, course, labs[counts.assignment], known, outcome)
    reader.keep()
    _compare(found.keys(), {one.id for one in reader.students}, course, outcome)
    outcome.unplaced.sort()
    return outcome


@dataclass(frozen=True)
class _Found:
    """A hand-in whose owner is known, and that is still to be read."""

    name: str
    assignment: str
    student: str
    read: Callable[[], HandIn]
    others: tuple[str, ...] = ()  # in whose name, too, if they have handed in nothing


def _for_others(found: Mapping[tuple[str, str], Sequence[_Found]]) -> list[_Found]:
    """Return what counts as handed in by those in a group who have nothing of their own."""
    made = []
    for ones in found.values():
        for one in ones:
            for other in one.others:
                if (one.assignment, other) not in found:
                    made.append(replace(one, student=other, read=partial(_in_name_of, one, other)))
    return made


def _in_name_of(one: _Found, student: str) -> HandIn:
    hand_in = one.read()
    # The platform's key is that of whoever handed in, or of the group.
    known = replace(hand_in.known, key="") if hand_in.known else None
    return replace(hand_in, student=student, known=known)


def _groups(path: Path | None) -> Groups:
    if path is None:
        return Groups()
    if not path.is_file():
        raise FileNotFoundError(f"there is no table {path}")
    return read_groups(path.read_bytes())


class _Reader:
    """Tells whose the files of a download are, and reads them."""

    def __init__(
        self,
        course: CourseDirectory,
        labs: Mapping[str, set[str]],
        assignment: str | None,
        zone: tzinfo | None,
        outcome: Outcome,
        groups: Groups,
    ) -> None:
        self.course, self.labs, self.assignment, self.zone = course, labs, assignment, zone
        self.outcome, self.groups = outcome, groups
        self._members: dict[str, Mapping[str, list[str]]] = {}
        self.records: dict[str, dict[str, Known]] = {}
        self.students: list[Listed] = []
        self._cached: dict[tuple[str, str], People] = {}
        self._collector = FileNameCollectorPlugin(config=course.config)
        self._collector.named_regexp = self._collector.named_regexp or NAMED
        gradebook = layout.gradebook(course)
        if gradebook is not None:
            with gradebook:
                self.students = listed(gradebook)

    def tried(self, name: str, make: Callable[[], _Made]) -> _Made | None:
        """Return what is made, or note why it cannot be."""
        try:
            return make()
        except Unplaced as problem:
            self.outcome.unplaced.append(f"{name}: {problem}")
            return None

    def find(self, files: Iterable[File], table: Path | None) -> Iterator[_Found]:
        """Yield hand-ins whose owners are known, and note the files of the others."""
        theirs = []
        for file in self._packed_again(files):
            said = self._said(file.path)
            if said or download.piece_of(file.path) is None:
                one = self.tried(file.path.as_posix(), partial(self._own, file, said))
                if one is not None:
                    yield one
            else:
                theirs.append(file)
        if theirs:
            assignment = self._assignment()
            for parcel in download.sort(theirs, self._told(theirs, table)):
                one = self.tried(parcel.name, partial(self._theirs, parcel, assignment))
                if one is not None:
                    yield one

    def is_one(self, path: PurePosixPath) -> bool:
        """Return whether a name in a download says whose a file is."""
        return bool(self._said(path)) or download.piece_of(path) is not None

    def keep(self) -> None:
        """Write down what is known of hand-ins now."""
        for assignment, known in self.records.items():
            if known != record.read(Path(self.course.root), assignment):
                record.write(Path(self.course.root), assignment, known)

    # Names that say it all

    def _said(self, path: PurePosixPath) -> Mapping[str, str]:
        """Return the parts of a name that says it all, nothing if it does not."""
        said = "--" in path.name and self._collector.collect(f"/{path.stem}/lab.ipynb") or {}
        return said if {"student_id", "timestamp"} <= said.keys() else {}

    def _packed_again(self, files: Iterable[File]) -> Iterator[File]:
        """Yield files; those of a folder that has been a student's zip as that zip.

        Safari unpacks what it has downloaded, and other browsers can be told to.
        """
        folders: dict[PurePosixPath, list[File]] = {}
        for file in files:
            for folder in reversed(file.path.parents[:-1]):
                if self._said(_zip_of(folder)):
                    folders.setdefault(folder, []).append(file)
                    break
            else:
                yield file
        for folder, ones in folders.items():
            yield archive.packed(_zip_of(folder), folder, ones)

    def _own(self, file: File, said: Mapping[str, str]) -> _Found:
        assignment, student, time = self._owner(file, said)
        name, found = file.path.as_posix(), download.piece_of(file.path)
        if found:
            self._agree(student, self._people(found[0], assignment), found[1].person)

        def read() -> HandIn:
            labs = self.labs[assignment]
            content = file.read(archive.LARGEST_ZIP)
            inside = archive.unpack(content, lambda name: _lab(name, labs))
            if not inside.labs:
                nested = any(".zip" in name for name in inside.ignored)
                more = "; it holds zips: unpack it first" if nested else ""
                held = ", ".join(inside.ignored[:5]) or "nothing"
                raise Unplaced(f"holds no lab of {assignment}, only {held}{more}")
            late, known = "", None
            if found:
                platform, piece = found
                labels = dict.fromkeys(inside.labs, piece.label)
                known = Known(platform.name, piece.person.key, file.packed.isoformat(), labels)
                late = piece.late
            return HandIn(
                name,
                student,
                assignment,
                time,
                file.packed,
                inside.labs,
                inside.ignored,
                late,
                known,
            )

        return _Found(name, assignment, student, read)

    def _owner(self, file: File, said: Mapping[str, str]) -> tuple[str, str, datetime]:
        """Return assignment, student and time that a name says."""
        if file.problem:
            raise Unplaced(file.problem)
        if file.path.suffix.lower() != ".zip":
            raise Unplaced(
                "is no zip, and its name is none that Canvas, Moodle, Blackboard or ILIAS gives"
            )
        if not said:
            raise Unplaced(
                "its name does not say whose it is; rename it ASSIGNMENT--NAME--TIME.zip, as in "
                f"{min(self.labs)}--NAME--20261123T154500Z.zip"
            )
        named = [name for name in self.labs if f"{name}--" in file.path.name]
        if not named or self.assignment not in (None, max(named, key=len)):
            wanted = self.assignment or " or ".join(self.labs)
            raise Unplaced(f"its name is that of another assignment than {wanted}")
        try:
            student, time = check_name(said["student_id"]), parse_utc(said["timestamp"])
        except UnfitName as problem:
            raise Unplaced(str(problem)) from None
        except ValueError:
            raise Unplaced(f"its name has no such time as {said['timestamp']}") from None
        if times.to_come(time):
            raise Unplaced(
                f"its name says {time:%Y-%m-%d %H:%M:%S} UTC, which is still to come; rename it "
                "with the time at which the platform received it"
            )
        return max(named, key=len), student, time

    def _agree(self, student: str, people: People, person: Person) -> None:
        """Refuse a hand-in that a platform has of somebody else than its name says."""
        try:
            found = people.find(person)
        except Unplaced:
            return  # the name has said whose it is
        if found != student:
            raise Unplaced(
                f"its name says {student!r}, and {people.platform.title} {found!r}: ask whose it "
                "is, and rename it"
            )

    # A platform's names

    def _theirs(self, parcel: Parcel, assignment: str) -> _Found:
        people = self._people(parcel.platform, assignment)
        student, others, number = self._who(people, parcel.person)
        if why := unfit(student):  # as nobody else is entered into the gradebook
            raise Unplaced(f"{parcel.person.said} is {student!r} in the class list: {why}")
        time = self._time(parcel)

        def read() -> HandIn:
            inside = parcel.open(self.labs[assignment])
            packed = parcel.packed.isoformat()
            known = Known(parcel.platform.name, number, packed, inside.labels)
            return HandIn(
                parcel.name,
                student,
                assignment,
                time,
                parcel.packed,
                inside.labs,
                tuple(inside.ignored),
                ", ".join(sorted(inside.late)),
                known,
            )

        return _Found(parcel.name, assignment, student, read, others)

    def _who(self, people: People, person: Person) -> tuple[str, tuple[str, ...], str]:
        """Return whose a parcel is, for whom else it may count, and the key of whose it is."""
        if not self.groups.rows:
            return people.find(person), (), person.key
        if people.platform.name not in self._members:
            members, doubts = self.groups.of(people)
            self._members[people.platform.name] = members
            self.outcome.doubts += doubts
        members = self._members[people.platform.name]
        named = next((members[f] for text in person.names if (f := fold(text)) in members), None)
        key = person.key
        if named:
            sure = [name for name in named if self._is(people, person, name)]
            student, key = (sure[0], key) if sure else (named[0], "")
        else:
            student = people.find(person)
            named = next((names for names in members.values() if student in names), [])
        return student, tuple(name for name in named if name != student), key

    def _is(self, people: People, person: Person, name: str) -> bool:
        """Return whether a number that stands beside a group's name is a member's."""
        try:
            return people.find(replace(person, names=NONE)) == name
        except Unplaced:
            return False

    def _time(self, parcel: Parcel) -> datetime | None:
        """Return when a parcel was handed in, in UTC, as far as the platform says."""
        title = parcel.platform.title
        if parcel.time is None:
            note = f"{title} does not say here when something was handed in; nobody counts as late"
            if note not in self.outcome.notes:
                self.outcome.notes.append(note)
            return None
        local = parcel.time.replace(tzinfo=self.zone) if self.zone else parcel.time
        time = local.astimezone(UTC).replace(tzinfo=None)
        if times.to_come(time):
            raise Unplaced(
                f"{title} says {parcel.time:%Y-%m-%d %H:%M:%S}, which is still to come; if its "
                "clock shows another time than this machine's, name it: --timezone Europe/Berlin"
            )
        return time

    def _told(self, files: Iterable[File], path: Path | None) -> dict[str, dict[str, Person]]:
        """Return what a table says of people, by platform and key."""
        if path is None:
            return {}
        if not path.is_file():
            raise FileNotFoundError(f"there is no table {path}")
        table = Table(path.read_bytes())
        platforms = {found[0] for file in files if (found := download.piece_of(file.path))}
        return {
            platform.name: {one.key: one for one in platform.people(table).values()}
            for platform in platforms
        }

    def _people(self, platform: Platform, assignment: str) -> People:
        if (platform.name, assignment) not in self._cached:
            known = self.record(assignment)
            keys = {one.key: name for name, one in known.items() if one.platform == platform.name}
            self._cached[platform.name, assignment] = People(self.students, platform, keys)
        return self._cached[platform.name, assignment]

    def record(self, assignment: str) -> dict[str, Known]:
        """Return what is known of earlier hand-ins of an assignment."""
        if assignment not in self.records:
            self.records[assignment] = record.read(Path(self.course.root), assignment)
        return self.records[assignment]

    def _assignment(self) -> str:
        try:
            return layout.choose(self.course, self.assignment)
        except LayoutError as error:
            raise LayoutError(f"{error}, with --assignment: the download does not say") from None


def _zip_of(folder: PurePosixPath) -> PurePosixPath:
    return folder.with_name(f"{folder.name}.zip")


def _lab(name: str, labs: Collection[str]) -> str | None:
    """Return which lab a file in a zip that students pack is, by its exact name."""
    path = PurePosixPath(name)
    return path.stem if path.suffix == ".ipynb" and path.stem in labs else None


def _place(
    hand_in: HandIn,
    course: CourseDirectory,
    labs: set[str],
    known: dict[str, Known],
    outcome: Outcome,
) -> None:
    """Put a hand-in into its place, and note what the platform's names say of it."""
    home = _home(course, hand_in.student, hand_in.assignment)
    before = known.get(hand_in.student)
    if place(hand_in, Path(course.root), home, labs, before, outcome) and hand_in.known:
        known[hand_in.student] = hand_in.known


def _compare(
    found: Collection[tuple[str, str]],
    students: Collection[str],
    course: CourseDirectory,
    outcome: Outcome,
) -> None:
    """Note who is not in the class list, who is alone in it, and who look like one person."""
    outcome.doubts += alike(_handed_in(course, "*"))
    by_key = {key(name): name for name in students}
    for name in sorted({name for _, name in found} - {*students}) if students else ():
        like = by_key.get(key(name))
        more = f", which has {like!r}: if that is who it is, rename the zip" if like else ""
        outcome.doubts.append(f"{name!r} is not in the class list{more}")
    for assignment in sorted({assignment for assignment, _ in found}):
        there = _handed_in(course, assignment)
        outcome.absent += [f"{name}: {assignment}" for name in sorted({*students} - there)]


def _home(course: CourseDirectory, student: str, assignment: str) -> Path:
    return Path(course.format_path(course.submitted_directory, student, assignment))


def _handed_in(course: CourseDirectory, assignment: str) -> set[str]:
    """Return who has handed in something of an assignment, which may be a pattern."""
    pattern = course.format_path(course.submitted_directory, "(?P<student>[^/]+)", ".*", True)
    found = glob(str(_home(course, "*", assignment)))
    return {match["student"] for path in found if (match := re.fullmatch(pattern, path))}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        raise LayoutError(
            f"no time zone is called {name!r}; they are called as in Europe/Berlin"
        ) from None


def main(
    source: str | Path,
    root: Path | None = None,
    console: Console | None = None,
    assignment: str | None = None,
    table: Path | None = None,
    zone: str = "",
    groups: Path | None = None,
) -> int:
    """Collect a download and tell what became of each file; return 1 if one needs a person."""
    console = console or Console()
    try:
        named = _zone(zone) if zone else None
        outcome = collect(source, root, assignment, table, named, groups)
    except TROUBLE as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    told = {
        "in submitted/": outcome.placed,
        "passed over for a later one": outcome.kept,
        "not placed": outcome.unplaced,
        "to look at": outcome.doubts,
        "in the class list, and nothing in submitted/": outcome.absent,
        "to know": outcome.notes,
    }
    show(told, console)
    return 1 if outcome.unplaced else 0
