"""What a new release of a lab changes for those who have handed it in, and how it is carried out.

nbgrader knows a cell by its grade id, and refuses a release that adds or removes one when there are
submissions. :func:`compare` says what such a release means for whom; :func:`carry_out` brings the
gradebook in line, keeping every score of a cell that is still there. It leans on nbgrader's
gradebook alone; :mod:`.release` leans on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedNotebook,
    TaskCell,
)

Name = tuple[str, str]  # a lab, and a cell's grade id
_FEW = 5  # names in a sentence


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader knows.

    Attributes
    ----------
    kind : str
        What it is, in words.
    points : float, optional
        What it is worth.
    source : str
        What is in it when it is released.
    cell_type : str
        ``"code"`` or ``"markdown"``.
    """

    kind: str
    points: float | None
    source: str
    cell_type: str


@dataclass
class Changes:
    """What is different in the labs that are to be released.

    Attributes
    ----------
    submissions : int
        How many students' work is in the gradebook.
    labs_gone, labs_new : list of str
    renamed : dict of (str, str) to (str, str)
        Cells that have another name, or stand in another lab, and are otherwise the same.
    gone, new, other : list of (str, str)
        Cells that were there, that are there now, and that are of another kind.
    points : dict of (str, str) to (float, float)
        Before and after.
    """

    submissions: int = 0
    labs_gone: list[str] = field(default_factory=list)
    labs_new: list[str] = field(default_factory=list)
    renamed: dict[Name, Name] = field(default_factory=dict)
    gone: list[Name] = field(default_factory=list)
    new: list[Name] = field(default_factory=list)
    other: list[Name] = field(default_factory=list)
    points: dict[Name, tuple[float, float]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether nbgrader would refuse to release this."""
        cells = self.renamed or self.gone or self.new or self.other
        return bool(self.submissions and (self.labs_gone or self.labs_new or cells))


def known(gradebook: Gradebook, assignment: str) -> dict[str, dict[str, Cell]]:
    """Return the cells of an assignment as they were released, by lab and grade id."""
    try:
        labs = gradebook.find_assignment(assignment).notebooks
    except MissingEntry:
        return {}
    return {lab.name: _cells(lab) for lab in labs}


def _cells(lab: Notebook) -> dict[str, Cell]:
    points = {cell.name: cell.max_score for cell in (*lab.grade_cells, *lab.task_cells)}
    named = [
        {cell.name for cell in cells}
        for cells in (lab.grade_cells, lab.solution_cells, lab.task_cells)
    ]
    return {
        cell.name: Cell(
            kind(*(cell.name in names for names in named)),
            points.get(cell.name),
            cell.source,
            cell.cell_type,
        )
        for cell in lab.source_cells
    }


def kind(grade: bool, solution: bool, task: bool) -> str:
    """Return what a cell is, by nbgrader's marks.

    Examples
    --------
    >>> kind(True, False, False), kind(True, True, False), kind(False, False, False)
    ('a check', 'an answer that a person grades', 'a locked cell')
    """
    if grade:
        return "an answer that a person grades" if solution else "a check"
    return "a task" if task else "an answer" if solution else "a locked cell"


def compare(
    gradebook: Gradebook,
    assignment: str,
    new: Mapping[str, Mapping[str, Cell]],
    whole: bool = True,
) -> Changes:
    """Return what a release changes.

    Parameters
    ----------
    gradebook : Gradebook
    assignment : str
    new : mapping of str to mapping of str to Cell
        The labs as they are to be released, by name, and their cells by grade id.
    whole : bool
        Whether these are all labs of the assignment.
    """
    old = known(gradebook, assignment)
    found = Changes()
    if not old:
        return found
    found.submissions = len(gradebook.find_assignment(assignment).submissions)
    found.labs_gone = sorted(old.keys() - new.keys()) if whole else []
    found.labs_new = sorted(new.keys() - old.keys())
    labs = [lab for lab in old if whole or lab in new]
    before = {(lab, name): cell for lab in labs for name, cell in old[lab].items()}
    after = {(lab, name): cell for lab, cells in new.items() for name, cell in cells.items()}
    came = {name: after[name] for name in sorted(after.keys() - before.keys())}
    for name in sorted(before.keys() - after.keys()):
        if same := _same(name, before[name], came):
            found.renamed[name] = same
            del came[same]
        else:
            found.gone.append(name)
    found.new = list(came)
    pairs = [(name, name) for name in before if name in after]
    for name, name_now in (*pairs, *found.renamed.items()):
        one, other = before[name], after[name_now]
        if one.kind != other.kind:
            found.other.append(name)
        elif one.points is not None and other.points is not None and one.points != other.points:
            found.points[name_now] = one.points, other.points
    return found


def _same(name: Name, cell: Cell, came: Mapping[Name, Cell]) -> Name | None:
    """Return which new cell is an old one under another name, or in another lab."""
    like = [
        other
        for other, one in came.items()
        if (one.kind, one.cell_type) == (cell.kind, cell.cell_type)
        and (one.source == cell.source or other[1] == name[1])
    ]
    like.sort(key=lambda other: (came[other].source != cell.source, other[0] != name[0]))
    return like[0] if like else None


# In words


def sentences(gradebook: Gradebook, assignment: str, found: Changes) -> Iterator[str]:
    """Yield what changes mean, and for whom, a sentence each."""
    if not found.submissions:
        return
    called = labs_renamed(found)
    for lab, named in called.items():
        yield (
            f"{lab} is called {named} now, and keeps what was given for it; in submitted/ it needs "
            f"that name too: {lab}.ipynb counts as not handed in"
        )
    for lab in sorted({*found.labs_gone} - called.keys()):
        held = [g for n in _graded(gradebook, assignment) if n[0] == lab for g in n[2]]
        yield f"{lab} is gone, with all points for it{_by_hand(held)}"
    for lab in sorted({*found.labs_new} - {*called.values()}):
        yield f"{lab} is new: {_count(found)} came in without it, and have no points for it"
    grades = {(lab, name): held for lab, name, held in _graded(gradebook, assignment)}
    for name, now in found.renamed.items():
        if called.get(name[0]) == now[0] and name[1] == now[1]:
            continue
        place = f"moved to {now[0]}" if now[0] != name[0] else f"called {now[1]} now"
        yield f"{name[0]}, {name[1]} is {place}{_by_hand(grades.get(name, []))}"
    for name in found.gone:
        if name[0] not in found.labs_gone:
            yield f"{name[0]}, {name[1]} is gone, with its points{_by_hand(grades.get(name, []))}"
    for name in found.new:
        if name[0] not in found.labs_new:
            yield f"{name[0]}, {name[1]} is new: {_count(found)} were graded without it"
    for name in found.other:
        yield (
            f"{name[0]}, {name[1]} is of another kind than it was, and begins anew"
            f"{_by_hand(grades.get(name, []))}"
        )


def labs_renamed(found: Changes) -> dict[str, str]:
    """Return which labs are there under another name: what was in them is all in one new lab."""
    called = {}
    for lab in found.labs_gone:
        now = {place[0] for name, place in found.renamed.items() if name[0] == lab}
        if len(now) == 1 and now <= {*found.labs_new}:
            called[lab] = now.pop()
    return called


def _count(found: Changes) -> str:
    return f"{found.submissions} submission{'s' if found.submissions > 1 else ''}"


def points(gradebook: Gradebook, assignment: str, found: Changes) -> Iterator[str]:
    """Yield what other points mean, and which scores by hand are above them now."""
    if not found.submissions:
        return
    grades = {(lab, name): held for lab, name, held in _graded(gradebook, assignment)}
    back = {now: name for name, now in found.renamed.items()}
    for name, (before, after) in found.points.items():
        yield (
            f"{name[0]}, {name[1]} is worth {after:g} points in place of {before:g}: "
            f"{_count(found)} were graded under the old ones"
        )
        above = [g for g in grades.get(back.get(name, name), []) if (g.manual_score or 0) > after]
        for grade in above:
            yield (
                f"{name[0]}, {name[1]}: {above_maximum(grade.manual_score, after)} "
                f"({grade.student.id})"
            )


def above_maximum(score: float, points: float) -> str:
    """Return what is said of a score that a person gave when a cell was worth more.

    Examples
    --------
    >>> above_maximum(4, 2)
    'a person gave 4 points, it is worth 2 now, and 4 still count: mend it in the formgrader'
    """
    return (
        f"a person gave {score:g} points, it is worth {points:g} now, and {score:g} still count: "
        "mend it in the formgrader"
    )


def _graded(gradebook: Gradebook, assignment: str) -> Iterator[tuple[str, str, list[Grade]]]:
    """Yield lab, grade id and grades of what is worth points."""
    for lab in gradebook.find_assignment(assignment).notebooks:
        for cell in (*lab.grade_cells, *lab.task_cells):
            yield lab.name, cell.name, list(cell.grades)


def _by_hand(grades: Iterable[Grade]) -> str:
    """Return whose scores for a cell were given by a person, as the end of a sentence."""
    given = sorted(
        {g.student.id for g in grades if g.manual_score is not None or g.extra_credit is not None}
    )
    if not given:
        return ""
    more = f" and {len(given) - _FEW} more" if len(given) > _FEW else ""
    return f"; a person has graded it for {', '.join(given[:_FEW])}{more}"


# In the gradebook


def carry_out(
    gradebook: Gradebook, assignment: str, new: Mapping[str, Mapping[str, Cell]], found: Changes
) -> None:
    """Bring the gradebook in line with labs that are about to be released, in one transaction.

    What a person gave for a cell that is still there stays, whatever it is called now. What was
    given for cells that are gone goes with them. For new cells there is nothing yet.
    """
    session = gradebook.db
    try:
        _change(gradebook.find_assignment(assignment), session, new, found)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _change(
    assignment: Assignment, session: Any, new: Mapping[str, Mapping[str, Cell]], found: Changes
) -> None:
    labs = {lab.name: lab for lab in assignment.notebooks}
    for lab in found.labs_new:
        labs[lab] = Notebook(name=lab, assignment=assignment)
        session.add(labs[lab])
        for submission in assignment.submissions:
            session.add(SubmittedNotebook(notebook=labs[lab], assignment=submission))
    session.flush()
    for old, now in found.renamed.items():
        for cell in _rows(labs[old[0]], old[1]):
            cell.name = now[1]
            _move(cell, labs[now[0]], session)
    for name in (*found.gone, *found.other):
        for cell in _rows(labs[name[0]], name[1]):
            _delete(cell, session)
    session.flush()
    for name in (*found.new, *found.other):
        _add(labs[name[0]], name[1], new[name[0]][name[1]], session)
    for lab in found.labs_gone:
        session.flush()
        session.expire(labs[lab])
        for submitted in labs[lab].submissions:
            session.delete(submitted)
        session.delete(labs[lab])


def _rows(lab: Notebook, name: str) -> list[Any]:
    cells = (*lab.grade_cells, *lab.solution_cells, *lab.task_cells, *lab.source_cells)
    return [cell for cell in cells if cell.name == name]


def _move(cell: Any, lab: Notebook, session: Any) -> None:
    """Have a cell, and what was given for it, belong to another lab."""
    if cell.notebook is lab:
        return
    submitted = {one.assignment: one for one in lab.submissions}
    for held in _given(cell, session):
        held.notebook = submitted[held.notebook.assignment]
    cell.notebook = lab


def _delete(cell: Any, session: Any) -> None:
    for held in _given(cell, session):
        session.delete(held)
    session.delete(cell)


def _given(cell: Any, session: Any) -> list[Any]:
    """Return grades and comments for a cell."""
    if not isinstance(cell, BaseCell):
        return []
    return [
        held
        for table in (Grade, Comment)
        for held in session.query(table).filter(table.cell_id == cell.id)
    ]


def _add(lab: Notebook, name: str, cell: Cell, session: Any) -> None:
    """Enter a cell, and an empty grade and comment for each who handed in the lab."""
    source = SourceCell(name=name, notebook=lab, cell_type=cell.cell_type, source=cell.source)
    session.add(source)
    made: list[tuple[Any, tuple[type, ...]]] = []
    worth = {"max_score": cell.points, "cell_type": cell.cell_type}
    if cell.kind in ("a check", "an answer that a person grades"):
        made.append((GradeCell(name=name, notebook=lab, **worth), (Grade,)))
    if cell.kind in ("an answer", "an answer that a person grades"):
        made.append((SolutionCell(name=name, notebook=lab), (Comment,)))
    if cell.kind == "a task":
        made.append((TaskCell(name=name, notebook=lab, **worth), (Grade, Comment)))
    for row, tables in made:
        session.add(row)
        session.flush()
        for table in tables:
            session.add_all(
                table(cell_id=row.id, notebook=submitted) for submitted in lab.submissions
            )
