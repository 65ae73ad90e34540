"""What a class got for an assignment, read from nbgrader's gradebook and the autograded notebooks.

:func:`read` collects it with a few queries, whatever the size of the class; the rest are the
statistics that :mod:`autograders.report` shows. What a course can add, known mistakes among it,
:class:`ClassReport` says. Leans on what :mod:`autograders.grading.execute` leaves in notebooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import nbformat
import numpy as np
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from traitlets import Unicode
from traitlets.config import Configurable
from traitlets.utils.importstring import import_item

from autograders import layout
from autograders.grading.changes import above_maximum
from autograders.grading.failures import FAULTS, failures

FEW = 10  # students below which a correlation over them says nothing
WEAK = 0.2  # a point-biserial correlation below it hardly tells strong from weak (Ebel 1965)


class ReportError(RuntimeError):
    """There is nothing to report on; the message says why and what to do."""


class Known(Protocol):
    """A known wrong answer, as a course's function for `ClassReport.diagnose` returns it."""

    @property
    def lab(self) -> str:
        """The lab."""

    @property
    def name(self) -> str:
        """What tells it from others to the same lab."""

    @property
    def idea(self) -> str:
        """What is wrong with it, in a sentence."""

    @property
    def cells(self) -> Mapping[str, str]:
        """The answers in which it is made, by grade id."""


class ClassReport(Configurable):
    """What a course adds to its report."""

    diagnose = Unicode(
        help="A function that recognises known mistakes, as `module.function`: called with a lab "
        "and what its failed checks said by grade id, it returns answers (see `Known`)."
    ).tag(config=True)
    sample = Unicode(
        help="How the names of students begin who are there to try the grading, and are left out "
        "as soon as there is anybody else."
    ).tag(config=True)
    reached = Unicode(
        help="A regular expression for what a check prints of an answer that is a choice, with two "
        "groups: what it cost in bytes, and what it reached in per cent."
    ).tag(config=True)

    def recognise(self, lab: str, failed: Mapping[str, str]) -> Sequence[Known]:
        """Return the known mistakes that a lab's failed checks tell of."""
        return import_item(self.diagnose)(lab, failed) if self.diagnose else ()


@dataclass(frozen=True)
class Graded:
    """An assignment of a course, graded.

    Attributes
    ----------
    course : CourseDirectory
        Of :func:`autograders.layout.course`.
    assignment : str
    settings : ClassReport
    """

    course: CourseDirectory
    assignment: str
    settings: ClassReport

    @classmethod
    def of(cls, course: CourseDirectory, assignment: str) -> Graded:
        """Return an assignment, with the course's settings."""
        return cls(course, assignment, ClassReport(config=course.config))

    @property
    def source(self) -> Path:
        """The labs with their solutions."""
        return layout.source(self.course, self.assignment)

    def notebook(self, student: str, lab: str) -> Path:
        """Return where a student's autograded notebook is."""
        step = self.course.autograded_directory
        return Path(self.course.format_path(step, student, self.assignment), f"{lab}.ipynb")


@dataclass(frozen=True)
class Check:
    """One automatically graded cell."""

    lab: str
    name: str
    points: float


@dataclass(frozen=True)
class Flag:
    """Something about a submission that a person should look at.

    Attributes
    ----------
    student, lab, place : str
        Whose it is, and the grade id or number of the cell.
    kind : str
        One of the values of `autograders.grading.failures.FAULTS`, ``"marked for a look"``, or
        ``"above its points"``.
    reason : str
        The sentence that was left in the notebook; it may quote the student.
    """

    student: str
    lab: str
    place: str
    kind: str
    reason: str = ""


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer, and whose submissions failed exactly as it does."""

    answer: Known
    students: list[str]


@dataclass(frozen=True)
class Choices:
    """What the choices of a class came to, in an exercise without one right answer.

    Attributes
    ----------
    check : Check
        It gave points, and said how many bytes and right answers they are for.
    own : tuple of float
        Bytes, and right answers in per cent, of the lab's own choice.
    reached : dict of str to tuple of float
        The same by student, of those who got points.
    """

    check: Check
    own: tuple[float, float]
    reached: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Results:
    """A class's results in one assignment.

    Attributes
    ----------
    students, labs : list of str
        Students by name; labs in order.
    checks : list of Check
        In the order of the labs, and of the cells in each.
    shares : ndarray of shape (students, checks)
        The share of a check's points that was given, in [0, 1]; NaN where no lab was handed in.
    waiting : ndarray of shape (students,)
        Points of written answers that nobody has read yet.
    empty : ndarray of shape (students,)
        How many answers were left as they were released, in labs that were handed in.
    flags : list of Flag
        What a person should look at.
    mistakes : dict of (str, str) to Mistake
        Known mistakes that were made, by lab and name.
    choices : list of Choices
        Of each check that prints, as the lab is stored, bytes and right answers.
    """

    students: list[str]
    labs: list[str]
    checks: list[Check]
    shares: np.ndarray
    waiting: np.ndarray
    empty: np.ndarray
    flags: list[Flag] = field(default_factory=list)
    mistakes: dict[tuple[str, str], Mistake] = field(default_factory=dict)
    choices: list[Choices] = field(default_factory=list)

    @property
    def points(self) -> np.ndarray:
        """The most points that each check gives."""
        return np.array([check.points for check in self.checks])

    @property
    def totals(self) -> np.ndarray:
        """Each student's share of all points from checks; a lab not handed in counts 0."""
        return _shares_of(np.nan_to_num(self.shares), self.points)

    @property
    def by_lab(self) -> np.ndarray:
        """Each student's share of each lab's points, (students, labs); NaN if not handed in."""
        columns = [self.columns(lab) for lab in self.labs]
        return np.stack([_shares_of(self.shares[:, c], self.points[c]) for c in columns], axis=1)

    def columns(self, lab: str) -> np.ndarray:
        """Return where a lab's checks stand among all."""
        return np.flatnonzero([check.lab == lab for check in self.checks])


def _shares_of(shares: np.ndarray, points: np.ndarray) -> np.ndarray:
    return shares @ points / max(points.sum(), 1e-12)


# Reading


def read(graded: Graded) -> Results:
    """Read the gradebook, and those autograded notebooks that lost points or are marked.

    The sample class is left out as soon as there is anybody else.

    Raises
    ------
    ReportError
        If there is no gradebook, no such assignment, or nothing graded in it.
    """
    name = graded.assignment
    gradebook = layout.gradebook(graded.course)
    if gradebook is None:
        raise ReportError(
            f"there is no gradebook ({graded.course.db_url}); first `nbgrader generate_assignment "
            f"{name}`"
        )
    with gradebook:
        known = [assignment.name for assignment in gradebook.assignments]
        if not known:
            raise ReportError(
                f"the gradebook is empty; first `nbgrader generate_assignment {name}`"
            )
        if name not in known:
            raise ReportError(f"no assignment {name} in the gradebook; it has: {', '.join(known)}")
        grades = _grades(gradebook, name)
        written = {
            (notebook.name, cell.name)
            for notebook in gradebook.find_assignment(name).notebooks
            for cell in notebook.solution_cells
        }
        empty = _empty(gradebook, name)
    if all(row.auto_score is None for row in grades):
        raise ReportError(f"nothing is graded in {name}; first `nbgrader autograde {name}`")
    sample = graded.settings.sample
    real = [row for row in grades if not (sample and row.student.startswith(sample))]
    return _tabulate(graded, real or grades, written, empty)


def _grades(gradebook: Gradebook, assignment: str) -> list[Any]:
    """Return all grades: student, lab, cell, max_score, auto_score, score, by_hand, look."""
    columns = gradebook.db.query(
        SubmittedAssignment.student_id.label("student"),
        Notebook.name.label("lab"),
        GradeCell.name.label("cell"),
        GradeCell.max_score,
        Grade.auto_score,
        Grade.score,
        Grade.manual_score.label("by_hand"),
        Grade.needs_manual_grade.label("look"),
    )
    query = columns.select_from(Grade).join(GradeCell, Grade.cell_id == GradeCell.id)
    rows: list[Any] = _of(query, Grade, assignment).all()
    return rows


def _empty(gradebook: Gradebook, assignment: str) -> list[Any]:
    """Return student and lab for every answer that nbgrader found as it was released."""
    query = gradebook.db.query(
        SubmittedAssignment.student_id.label("student"), Notebook.name.label("lab")
    ).select_from(Comment)
    rows: list[Any] = (
        _of(query, Comment, assignment).filter(Comment.auto_comment == "No response.").all()
    )
    return rows


def _of(query: Any, start: Any, assignment: str) -> Any:
    """Join what belongs to a submitted notebook with its lab, student and assignment."""
    return (
        query.join(SubmittedNotebook, start.notebook_id == SubmittedNotebook.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name == assignment)
    )


def _tabulate(
    graded: Graded, grades: Sequence[Any], written: set[tuple[str, str]], empty: Sequence[Any]
) -> Results:
    found = {Check(g.lab, g.cell, g.max_score) for g in grades if (g.lab, g.cell) not in written}
    checks = _in_order(graded, found)
    students = sorted({row.student for row in grades})
    labs = sorted({grade.lab for grade in grades})
    row_of = {student: row for row, student in enumerate(students)}
    column_of = {(check.lab, check.name): column for column, check in enumerate(checks)}
    present = {(s, lab): _handed_in(graded, s, lab) for s in students for lab in labs}
    shares = np.full((len(students), len(checks)), np.nan)
    waiting, left = np.zeros(len(students)), np.zeros(len(students), int)
    suspects: dict[tuple[str, str], set[str]] = {}
    above: list[Flag] = []
    for grade in grades:
        row = row_of[grade.student]
        if not present[grade.student, grade.lab]:
            continue
        if grade.by_hand is not None and grade.by_hand > grade.max_score:
            why = above_maximum(grade.by_hand, grade.max_score)
            above.append(Flag(grade.student, grade.lab, grade.cell, "above its points", why))
        if (grade.lab, grade.cell) in written:
            waiting[row] += grade.max_score if grade.look else 0
            continue
        share = grade.score / grade.max_score if grade.max_score else 1.0
        shares[row, column_of[grade.lab, grade.cell]] = min(max(share, 0.0), 1.0)
        if (grade.auto_score or 0) < grade.max_score or grade.look:
            marked = suspects.setdefault((grade.student, grade.lab), set())
            marked.update([grade.cell] if grade.look else [])
    for row_ in empty:
        if present.get((row_.student, row_.lab)):
            left[row_of[row_.student]] += 1
    results = Results(students, labs, checks, shares, waiting, left, above)
    for (student, lab), marked in suspects.items():
        _look_into(graded, results, student, lab, marked)
    results.choices.extend(_choices(graded, results))
    return results


def _choices(graded: Graded, results: Results) -> Iterator[Choices]:
    """Yield what was reached in each check whose stored output says so of the lab's own answer."""
    pattern = graded.settings.reached
    for lab in results.labs if pattern else ():
        own = _reached(graded.source / f"{lab}.ipynb", pattern)
        for column in results.columns(lab) if own else ():
            check = results.checks[column]
            if check.name in own:
                rows = np.flatnonzero(np.nan_to_num(results.shares[:, column]) > 0)
                students = [results.students[row] for row in rows]
                found = {
                    s: _reached(graded.notebook(s, lab), pattern).get(check.name) for s in students
                }
                yield Choices(check, own[check.name], {s: at for s, at in found.items() if at})


def _reached(path: Path, pattern: str) -> dict[str, tuple[float, float]]:
    """Return the bytes and right answers that a notebook's checks have printed, by grade id."""
    notebook = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cells": []}
    found = {}
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and marks.get("grade") and not marks.get("solution"):
            for output in cell["outputs"]:
                # The last one: before it, what an answer prints while it is asked may stand.
                text = "".join(output.get("text", ""))
                for n_bytes, right in re.findall(pattern, text, re.MULTILINE):
                    found[marks["grade_id"]] = float(n_bytes.replace(",", "")), float(right)
    return found


def _in_order(graded: Graded, checks: set[Check]) -> list[Check]:
    """Sort checks as they stand in the source labs; a lab that is not there by name."""
    place: dict[tuple[str, str], int] = {}
    for path in graded.source.glob("*.ipynb"):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            place[path.stem, cell.metadata.get("nbgrader", {}).get("grade_id", "")] = number
    return sorted(checks, key=lambda c: (c.lab, place.get((c.lab, c.name), 0), c.name))


def _handed_in(graded: Graded, student: str, lab: str) -> bool:
    """Return whether a lab was there; without autograded notebooks, the gradebook is believed."""
    path = graded.notebook(student, lab)
    return path.exists() or not path.parent.is_dir()


def _look_into(graded: Graded, results: Results, student: str, lab: str, marked: set[str]) -> None:
    """Add to the results what an autograded notebook tells beyond its points."""
    path = graded.notebook(student, lab)
    notebook = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cells": []}
    flags = list(_faults(notebook, student, lab))
    told = {flag.place for flag in flags}
    flags += [Flag(student, lab, name, "marked for a look") for name in sorted(marked - told)]
    results.flags.extend(flags)
    try:
        found = graded.settings.recognise(lab, failures(notebook))
    except LookupError:
        return  # nothing is known of its ideas, and the flags say why
    for answer in found:
        mistake = results.mistakes.setdefault((lab, answer.name), Mistake(answer, []))
        mistake.students.append(student)


def _faults(notebook: Mapping[str, Any], student: str, lab: str) -> Iterator[Flag]:
    """Yield what stopped a notebook or cost points; what followed from one stop only once."""
    seen = set()
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", ()):
            kind = FAULTS.get(output.get("ename", ""))
            if kind and (kind, output["evalue"]) not in seen:
                seen.add((kind, output["evalue"]))
                place = cell["metadata"].get("nbgrader", {}).get("grade_id", f"cell {number}")
                yield Flag(student, lab, place, kind, output["evalue"])


# Statistics


def point_biserial(item: np.ndarray, rest: np.ndarray) -> float:
    """Return the correlation of an item with the rest of the score; NaN where undefined.

    Parameters
    ----------
    item, rest : ndarray of shape (n,)
        Shares of points: for the item, and for everything else in its lab. For an item that gives
        all or nothing, Pearson's correlation is the point-biserial one.

    Examples
    --------
    >>> point_biserial(np.array([0, 0, 1, 1]), np.array([0.1, 0.3, 0.7, 0.9])).round(2)
    np.float64(0.95)
    >>> point_biserial(np.ones(4), np.array([0.1, 0.3, 0.7, 0.9]))
    nan
    """
    if len(item) < 2 or np.ptp(item) == 0 or np.ptp(rest) == 0:
        return float("nan")
    return np.corrcoef(item, rest)[0, 1]


@dataclass(frozen=True)
class ItemStatistics:
    """How one check does in the class.

    Attributes
    ----------
    check : Check
        The check.
    n : int
        Students who handed its lab in.
    failed : int
        How many of them did not get all of its points.
    difficulty : float
        The mean share of its points, in [0, 1]; NaN without students. (Testing theory calls the
        share of those who succeed an item's difficulty; high is easy.)
    discrimination : float
        :func:`point_biserial` with the rest of its lab.
    """

    check: Check
    n: int
    failed: int
    difficulty: float
    discrimination: float

    @property
    def remark(self) -> str:
        """What an instructor may want to know about it, or nothing."""
        if self.n and self.failed == 0:
            return "everyone passes"
        if self.n and self.difficulty == 0:
            return "everyone fails"
        if self.n < FEW or np.isnan(self.discrimination):
            return ""
        if self.discrimination < 0:
            return "weaker students do better"
        return "hardly tells strong from weak" if self.discrimination < WEAK else ""


def item_statistics(results: Results) -> list[ItemStatistics]:
    """Return the statistics of every check, in order."""
    found = []
    for column, check in enumerate(results.checks):
        others = results.columns(check.lab)
        others = others[others != column]
        there = ~np.isnan(results.shares[:, column])
        item = results.shares[there, column]
        rest = _shares_of(results.shares[np.ix_(there, others)], results.points[others])
        difficulty = float(item.mean()) if len(item) else float("nan")
        failed = int((item < 1).sum())
        correlation = float(point_biserial(item, rest))
        found.append(ItemStatistics(check, len(item), failed, difficulty, correlation))
    return found


def concerns(results: Results) -> dict[str, list[str]]:
    """Return why an instructor may want a word with a student.

    Those with most reasons come first, and among them those with fewest points.

    Reasons: something a person should look at; a lab missing that most have handed in; fewer than
    half of the points in the labs handed in; one lab far below the student's others, though not
    for most; three or more answers left empty.
    """
    by_lab, handed_in = results.by_lab, ~np.isnan(results.shares)
    expected = [handed_in[:, results.columns(lab)].any(1).mean() >= 0.5 for lab in results.labs]
    usual = np.array([np.median(s[~np.isnan(s)]) if np.isfinite(s).any() else 0 for s in by_lab.T])
    found: dict[str, list[str]] = {student: [] for student in results.students}
    kinds: dict[tuple[str, str], dict[str, None]] = {}
    for flag in results.flags:
        kinds.setdefault((flag.student, flag.kind), {})[flag.lab] = None
    for (student, kind), labs in kinds.items():
        found[student].append(f"{kind} in {_and(labs)}")
    for student, own, left in zip(results.students, by_lab, results.empty, strict=True):
        there = np.isfinite(own)
        missing = [
            lab for lab, e, t in zip(results.labs, expected, there, strict=True) if e and not t
        ]
        if missing:
            found[student].append(f"{_and(missing)} not handed in")
        if there.any() and own[there].mean() < 0.5:
            found[student].append(
                f"{percent(own[there].mean())} of the points in what was handed in"
            )
        elif there.sum() > 1:
            others = (own[there].sum() - own) / (there.sum() - 1)
            for lab in np.flatnonzero(there & (own < others - 0.4) & (usual >= 0.6)):
                found[student].append(
                    f"{results.labs[lab]}: {percent(own[lab])}, elsewhere {percent(others[lab])}"
                )
        if left >= 3:
            found[student].append(f"{left} answers left empty")
    worried = {student: reasons for student, reasons in found.items() if reasons}
    totals = dict(zip(results.students, results.totals, strict=True))
    return dict(sorted(worried.items(), key=lambda pair: (-len(pair[1]), totals[pair[0]])))


def percent(share: float) -> str:
    """Return a share in whole per cent; 99.9 % is not 100 %, and nothing is a dash.

    Examples
    --------
    >>> for share in (0.999, 0.001, 0.5, float("nan")):
    ...     print(percent(share))
    99 %
    1 %
    50 %
    –
    """
    if np.isnan(share):
        return "–"
    whole = round(100 * share)
    whole = min(max(whole, 1), 99) if 0 < share < 1 else whole
    return f"{whole}\N{NO-BREAK SPACE}%"


def _and(names: Any) -> str:
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
