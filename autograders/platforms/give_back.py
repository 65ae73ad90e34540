"""``python -m autograders return``: grades and feedback in the form that a platform takes back.

The platform's own table of grades is filled with nbgrader's scores, late penalties taken off as
``nbgrader export`` does, and everything else in it stays as it was. The pages of ``feedback/`` are
packed under the names by which the platform knows whose they are; ILIAS has a zip for that, which
is filled in place of a table. Leans on the class list and on what ``collect`` has noted
(:mod:`.record`) for who is who.
"""

from __future__ import annotations

import csv
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Protocol

from nbgrader.api import MissingEntry
from nbgrader.coursedir import CourseDirectory
from rich.console import Console

from autograders import layout
from autograders.console import one_line
from autograders.grading.settings import SettingsError
from autograders.platforms import ilias, record
from autograders.platforms.archive import DAMAGE, Unplaced
from autograders.platforms.console import show
from autograders.platforms.download import PLATFORMS
from autograders.platforms.ilias import ILIAS
from autograders.platforms.people import Listed, People, listed
from autograders.platforms.platform import Person, Platform, number
from autograders.platforms.record import Known, RecordError
from autograders.platforms.table import Table, TableError, no_formula

_LARGEST = 10_000_000  # bytes of a table in a zip


class ReturnError(ValueError):
    """Nothing was written; the message says why."""


@dataclass
class Returned:
    """What was written, and what was not: a line for each student.

    Attributes
    ----------
    files : list of Path
        The table, and the feedback if there is any.
    graded : list of str
        Whose score is in the table, and which.
    waiting : list of str
        Whose score is not, since something is still to be graded.
    silent : list of str
        Who handed in nothing; their cells are as they were.
    strangers : list of str
        Rows of which nobody knows whose they are.
    missing : list of str
        Who is graded here and not in the table.
    unpacked : list of str
        Whose score is in the table and whose feedback is not in the zip, and why.
    doubts : list of str
        What to look at.
    """

    files: list[Path] = field(default_factory=list)
    graded: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unpacked: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Class:
    """An assignment in the gradebook: what it is worth, scores by student, and the class list."""

    most: float
    scores: Mapping[str, float]
    waiting: frozenset[str]  # who has something that a person has to read
    students: list[Listed]


@dataclass(frozen=True)
class _Line:
    """A student's place in what the platform exported, and their score for it."""

    row: int
    person: Person
    student: str
    score: float


class _Form(Protocol):
    """What the platform exported, to be filled."""

    people: Mapping[int, Person]
    table: str  # the name under which the filled table is written
    feedback: str  # and the feedback
    most: float | None  # what the assignment is worth there, if it says so
    root: str  # the folder that all feedback is in

    def kept(self, row: int) -> str:
        """Return what stands there that must not be changed, nothing if anything may be."""

    def before(self, row: int) -> float | None:
        """Return the score that stands there."""

    def text(self, score: float) -> str:
        """Return a score as it is written there."""

    def filled(self, lines: Iterable[_Line]) -> bytes:
        """Return the table with scores in it."""

    def packed(self, lines: Sequence[_Line], made: Returned) -> Iterable[tuple[str, bytes]]:
        """Return what else belongs into the zip of feedback, beside the pages."""


def give_back(
    assignment: str,
    platform: Platform,
    file: Path,
    output: Path,
    root: Path | None = None,
    column: str | None = None,
    scale: bool = False,
) -> Returned:
    """Fill a platform's table with an assignment's scores, and pack its feedback.

    Parameters
    ----------
    assignment : str
        As nbgrader knows it.
    platform : Platform
    file : Path
        What the platform exported: a table of grades, or ILIAS' zip for feedback.
    output : Path
        A folder for what is written.
    root : Path, optional
        The course's folder (by default, the current one).
    column : str, optional
        The heading of the column of scores (by default, the one named like the assignment).
    scale : bool
        Whether scores are stretched to what the assignment is worth on the platform.

    Raises
    ------
    ReturnError, FileNotFoundError, TableError, RecordError, SettingsError
        If that cannot be done as a whole; nothing is written then.
    """
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    if output.resolve() == file.resolve().parent:
        raise ReturnError(f"{file.name} would be overwritten: name another folder with --output")
    course = layout.course(root)
    taken = _read(course, assignment)
    known = record.read(Path(course.root), assignment)
    known = {name: one for name, one in known.items() if one.platform == platform.name}
    keys = {one.key: name for name, one in known.items()}
    people = People(taken.students, platform, keys, help_="")
    form: _Form = (
        _Structure(file) if platform is ILIAS else _Sheet(file, platform, assignment, column)
    )
    made = Returned()
    factor = _factor(form.most, taken.most, platform, scale, made)
    owners = _owners(form.people, people, made)
    made.missing += sorted(taken.scores.keys() - set(owners.values()))
    lines = []
    for row, name in owners.items():
        if _is_ready(name, assignment, course, taken, made):
            line = _Line(row, form.people[row], name, taken.scores[name] * factor)
            if _may_be_written(line, form, made):
                lines.append(line)
    pages = chain(
        form.packed(lines, made), _pages(lines, assignment, course, platform, known, made)
    )
    made.files += _write(output, form, form.filled(lines), pages)
    return made


def _read(course: CourseDirectory, assignment: str) -> _Class:
    gradebook = layout.gradebook(course)
    if gradebook is None:
        raise ReturnError(f"there is no gradebook at {course.db_url}: nothing was graded yet")
    with gradebook:
        try:
            most = gradebook.find_assignment(assignment).max_score
        except MissingEntry:
            there = ", ".join(sorted(one.name for one in gradebook.assignments)) or "none"
            raise ReturnError(
                f"the gradebook has no assignment {assignment!r}; it has {there}"
            ) from None
        scores, waiting = {}, set()
        for one in gradebook.assignment_submissions(assignment):
            scores[one.student.id] = max(0.0, one.score - one.late_submission_penalty)
            if one.needs_manual_grade:
                waiting.add(one.student.id)
        return _Class(float(most), scores, frozenset(waiting), listed(gradebook))


def _factor(
    there: float | None, here: float, platform: Platform, scale: bool, made: Returned
) -> float:
    """Return by what scores are multiplied; refuse if they would count for more or less."""
    if there is None:
        if platform is not ILIAS:
            made.doubts.append(
                f"the table does not say what the assignment is worth; here it is {here:g} points"
            )
        return 1.0
    if there == here:
        return 1.0
    if scale and here > 0:
        return there / here
    raise ReturnError(
        f"the assignment is worth {here:g} points here and {there:g} in {platform.title}: set it "
        f"to {here:g} there and export the table again, or have scores stretched, with --scale"
    )


def _owners(rows: Mapping[int, Person], people: People, made: Returned) -> dict[int, str]:
    """Return whose the rows are, and note those of which that is not certain."""
    found: dict[int, str] = {}
    for row, person in rows.items():
        try:
            found[row] = people.find(person)
        except Unplaced as problem:
            made.strangers.append(str(problem))
    often = Counter(found.values())
    made.strangers += [
        f"{rows[row].said} and somebody else there are both {name!r}"
        for row, name in found.items()
        if often[name] > 1
    ]
    return {row: name for row, name in found.items() if often[name] == 1}


def _is_ready(
    name: str, assignment: str, course: CourseDirectory, taken: _Class, made: Returned
) -> bool:
    """Return whether a student's score is final, and note it if not."""
    if name in taken.waiting:
        made.waiting.append(f"{name}: needs manual grading")
    elif name in taken.scores:
        return True
    elif Path(course.format_path(course.submitted_directory, name, assignment)).exists():
        made.waiting.append(f"{name}: handed in, and not autograded")
    else:
        made.silent.append(name)
    return False


def _may_be_written(line: _Line, form: _Form, made: Returned) -> bool:
    """Return whether a score may be written where it belongs; note what is there, and whether."""
    if kept := form.kept(line.row):
        made.doubts.append(f"{line.student}: {kept!r} stands in the table, and is kept")
        return False
    score, before = form.text(line.score), form.before(line.row)
    made.graded.append(f"{line.student}: {score}")
    if before is not None and form.text(before) != score:
        made.doubts.append(f"{line.student}: {form.text(before)} was there, and is {score} now")
    if form.most is not None and line.score > form.most:
        made.doubts.append(f"{line.student}: {score} is more than the {form.most:g} of the table")
    return True


def _pages(
    lines: Iterable[_Line],
    assignment: str,
    course: CourseDirectory,
    platform: Platform,
    known: Mapping[str, Known],
    made: Returned,
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the zip of feedback, one student at a time.

    Of a file that a group has handed in together there is one, which the platform shows to all.
    """
    given: dict[str, bytes] = {}
    for line in lines:
        home = Path(course.format_path(course.feedback_directory, line.student, assignment))
        pages = {path.stem: path.read_bytes() for path in sorted(home.glob("*.html"))}
        labels = known[line.student].labels if line.student in known else {}
        packed = platform.feedback(line.person, labels, pages)
        if not pages:
            made.unpacked.append(f"{line.student}: there are no pages; run generate_feedback")
        elif lost := platform.lost(labels, pages):
            made.unpacked.append(
                f"{line.student}: {', '.join(lost)}, which {platform.title} takes back only in the "
                f"place of a file that was collected from it"
            )
        for name, content in packed.items():
            if given.setdefault(name, content) is content:
                yield name, content
            elif given[name] != content:
                made.unpacked.append(
                    f"{line.student}: {name} is that of their whole group, and shows another page"
                )


def _write(
    output: Path, form: _Form, table: bytes, pages: Iterable[tuple[str, bytes]]
) -> list[Path]:
    """Write the table and the feedback, both or neither; return where they are."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".return-") as scratch:
        feedback, grades = Path(scratch, "feedback"), Path(scratch, "grades")
        count = 0
        with zipfile.ZipFile(feedback, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, page in pages:
                packed.writestr(f"{form.root}{name}", page)
                count += 1
        grades.write_bytes(table)
        target = output / form.feedback
        if count:
            os.replace(feedback, target)
        else:
            target.unlink(missing_ok=True)  # of an earlier time, with other scores
        os.replace(grades, output / form.table)
    return [output / form.table, *([target] if count else [])]


class _Sheet:
    """A table of grades."""

    feedback, root = "feedback.zip", ""
    people: Mapping[int, Person]
    most: float | None

    def __init__(self, file: Path, platform: Platform, assignment: str, column: str | None) -> None:
        self._table = Table(file.read_bytes())
        self._scores = platform.scores(self._table, assignment, column)
        self.people = platform.people(self._table)
        self.table, self.most = file.name, self._scores.most

    def kept(self, row: int) -> str:
        """Return what stands there that must not be changed."""
        return self._scores.closed.get(row, "")

    def before(self, row: int) -> float | None:
        """Return the score that stands there."""
        return number(self._table.text(row, self._scores.column))

    def text(self, score: float) -> str:
        """Return a score as the table writes numbers."""
        text = f"{score:.5f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self._scores.comma else text

    def packed(self, lines: Sequence[_Line], made: Returned) -> Iterable[tuple[str, bytes]]:
        """Return nothing: the table is by itself."""
        return ()

    def filled(self, lines: Iterable[_Line]) -> bytes:
        """Return the table with scores in it, and nothing else changed."""
        cells = {(line.row, self._scores.column): self.text(line.score) for line in lines}
        return self._table.filled(cells)


class _Structure:
    """ILIAS' zip for feedback, which has a folder for everybody, and maybe a table for marks."""

    table = "grades.csv"
    people: Mapping[int, Person]
    most: float | None = None

    def __init__(self, file: Path) -> None:
        try:
            with zipfile.ZipFile(file) as archive:
                parts = [name.split("/") for name in archive.namelist()]
                self.marks = _marks(archive)
        except DAMAGE as error:
            raise ReturnError(
                f"{file} is no zip ({error}); ILIAS' Multi-Feedback gives one"
            ) from None
        roots = {part[0] for part in parts if part[0].lower().startswith(ilias.ROOT)}
        if len(roots) != 1:
            raise ReturnError(
                f"{file} should have one folder {ilias.ROOT}_..., as ILIAS' Multi-Feedback gives "
                f"it, and has {', '.join(sorted({part[0] for part in parts})) or 'nothing'}"
            )
        self.feedback, self.root = file.name, f"{roots.pop()}/"
        places = {tuple(part[1:n]) for part in parts for n in (2, 3) if len(part) > n - 1}
        found = [(place, ilias.whose(place[-1])) for place in sorted(places)]
        people = [replace(person, said="/".join(place)) for place, person in found if person]
        self.people = dict(enumerate(people))

    def kept(self, row: int) -> str:
        """Return nothing: there are no scores in it."""
        return ""

    def before(self, row: int) -> float | None:
        """Return nothing: there are no scores in it."""
        return None

    def text(self, score: float) -> str:
        """Return a score for a person to type."""
        return f"{score:.5f}".rstrip("0").rstrip(".")

    def packed(self, lines: Sequence[_Line], made: Returned) -> Iterator[tuple[str, bytes]]:
        """Yield the table of marks, filled, if the zip has one; ILIAS by itself has none."""
        if self.marks is None:
            return
        name, table = self.marks
        scores = {line.person.key: self.text(line.score) for line in lines}
        teams: dict[str, list[str]] = {}
        for line in lines:
            team = line.person.said.rpartition("/")[0].rpartition("_")[2]
            teams.setdefault(team, []).append(self.text(line.score))
        changes, wrong = ilias.marks(table, scores, teams)
        made.doubts += wrong
        yield name, table.filled(changes)

    def filled(self, lines: Iterable[_Line]) -> bytes:
        """Return a table of scores for a person to type: ILIAS by itself imports none."""
        text = StringIO()
        rows = [
            [no_formula(line.person.said), line.student, self.text(line.score)] for line in lines
        ]
        csv.writer(text, lineterminator="\n").writerows([["folder", "student", "score"], *rows])
        return text.getvalue().encode()


def _marks(archive: zipfile.ZipFile) -> tuple[str, Table] | None:
    """Return where in a zip the table of marks is, without the first folder, and what is in it."""
    for info in archive.infolist():
        _, _, name = info.filename.partition("/")
        if name == ilias.MARKS and info.file_size <= _LARGEST:
            return name, Table(archive.read(info))
    return None


def main(
    assignment: str,
    platform: str,
    file: Path,
    output: Path,
    root: Path | None = None,
    console: Console | None = None,
    column: str | None = None,
    scale: bool = False,
) -> int:
    """Write what a platform takes back, and tell what is in it; return 1 if somebody is missing."""
    console = console or Console()
    chosen = next(one for one in PLATFORMS if one.name == platform)
    try:
        made = give_back(assignment, chosen, file, output, root, column, scale)
    except (FileNotFoundError, RecordError, ReturnError, SettingsError, TableError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    groups = {
        "written": made.graded,
        "not graded yet, and left as they were": made.waiting,
        "handed in nothing, and left as they were": made.silent,
        f"in {chosen.title}, and nobody in the class list for certain": made.strangers,
        f"graded here, and not in {chosen.title}'s file": made.missing,
        "without feedback": made.unpacked,
        "to look at": made.doubts,
    }
    show(groups, console)
    table, *feedback = made.files
    told = [f"{table}: the grades"]
    if feedback:
        place = chosen.takes_feedback or "nowhere as a whole: hand the pages back one by one"
        told.append(f"{feedback[0]}: the feedback. {chosen.title} takes it {place}")
    for line in told:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
    return 1 if made.missing or made.unpacked else 0
