"""Read what was handed in, whatever it is, and put every graded cell back as it was released.

:class:`SubmissionExporter` reads a notebook so that a broken one is graded like any other, with a
sentence about what is wrong; :class:`RestoreCells` undoes what was done to the cells that students
must not change, and finds those that are not where they were. Both are plugged into ``nbgrader
autograde`` by ``nbgrader_config.py`` and lean on nbgrader's gradebook for how the lab was released,
on :mod:`.reading`, :mod:`.matching` and :mod:`.limited`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer

from autograders.console import one_line
from autograders.grading import misnamed, times
from autograders.grading.framed import framed
from autograders.grading.judge.parts import Marks, marks_in
from autograders.grading.limited import Overrun, limited
from autograders.grading.matching import (
    ID,
    NAMES,
    PLACE,
    TEXT,
    Known,
    Match,
    is_empty,
    mark_of,
    match,
    own_words,
    text_of,
    visible,
    written_beside,
    written_into,
)
from autograders.grading.notes import DOUBT, NOTE, NOTES, OF, SEE, note, noted
from autograders.grading.passed_over import digest, is_done, passed_over
from autograders.grading.reading import (
    DAMAGED,
    UNNAMED,
    UnreadableNotebook,
    identify,
    read_file,
    read_notebook,
)
from autograders.grading.sandbox import Sandbox, SandboxError, check, sockets
from autograders.grading.unreleased import unreleased

PUT_BACK = "This cell was missing from what was handed in, and was put back."
_BESIDE = "This was written beside the answer's cell, and was put into it."
_TWICE = "This answer was written more than once; the last is graded, the others stand around it."
_ELSEWHERE = "This answer is empty, but there is prose elsewhere: see whether it belongs here."
_NOT_FOUND = "The cell of this answer was not found in what was handed in."
_NO_ANSWER = "The cell of the answer before this check was not found in what was handed in."
_ANOTHER = "The answer before this check was written more than once; the last is graded."
_INTO = "An answer was written into this check, or one before; it stands above it now."
_FROM_A_CHECK = "This was written into the check below, which was put back as it was."
_MOVED = "This check stood above an answer that it is about, and was moved below it."
_FOUND = {
    ID: "by their ids",
    TEXT: "by what stands in them",
    NAMES: "by the names that they define",
    PLACE: "by where they stand",
}


class SubmissionExporter(NotebookExporter):
    """Reads a submission and writes the graded notebook; refuses to work without a sandbox.

    Attributes
    ----------
    unreadable : dict
        By student, assignment and lab: why a notebook could not be read.
    damaged : dict
        Likewise: what was wrong with its file, if the most of it could be read.
    digests : dict
        Likewise: what tells its file from another.
    """

    max_size = Integer(32, help="The largest notebook, in megabytes.").tag(config=True)
    seconds = Integer(60, help="The most CPU time that reading may take.").tag(config=True)
    megabytes = Integer(1024, help="The most memory that reading may take.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        converter = kwargs.get("parent")
        if isinstance(converter, Autograde) and converter.assignments:  # none in a worker
            times.forgive(converter.coursedir, lambda said: converter.log.warning("%s", said))
            found = list(misnamed.place(converter))
            for sentence in found:
                converter.log.warning("%s", one_line(sentence))
            if found:
                converter.init_notebooks()  # they were looked for before there was an exporter
            course, config = converter.coursedir, converter.config
            done = passed_over(converter, _done(converter))
            for sentence in (*unreleased(course, config), *done):
                converter.log.warning("%s", one_line(sentence))
        super().__init__(**kwargs)
        self.unreadable: dict[tuple[str, str, str], str] = {}
        self.damaged: dict[tuple[str, str, str], str] = {}
        self.digests: dict[tuple[str, str, str], str] = {}
        try:
            if Sandbox(parent=self).isolation == "bubblewrap":
                check()
            else:
                sockets.place()
        except SandboxError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert a notebook; one that cannot be read becomes one without cells."""
        resources = resources or {}
        key = key_of(resources)
        self.digests.setdefault(key, digest(filename))  # the first is what was handed in
        try:
            notebook = limited(
                lambda: read_file(filename, self.max_size), self.seconds, self.megabytes
            )
        except (UnreadableNotebook, Overrun) as error:
            self.unreadable[key] = f"The notebook that was handed in cannot be read: {error}."
            notebook = nbformat.v4.new_notebook()
        if wrong := notebook.metadata.pop(DAMAGED, ""):
            self.damaged[key] = f"The file that was handed in is damaged: {wrong}."
        # The rest is what the base class does: note the file's name, run preprocessors.
        return super().from_notebook_node(notebook, self._about(filename, resources), **kwargs)

    def _about(self, filename: str, resources: dict[str, Any]) -> dict[str, Any]:
        folder, _, name = filename.rpartition("/")
        resources["metadata"] = {"name": name.removesuffix(".ipynb"), "path": folder}
        return resources


def key_of(resources: dict[str, Any]) -> tuple[str, str, str]:
    """Return the student, the assignment and the lab that nbgrader is at."""
    about = resources.get("nbgrader", {})
    return about.get("student", ""), about.get("assignment", ""), about.get("notebook", "")


def _done(converter: Autograde) -> Iterator[tuple[str, list[str]]]:
    """Yield students whose submissions nbgrader takes for done, with their notebooks."""
    pattern = converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", True)
    for path, notebooks in sorted(converter.assignments.items()):
        match = re.match(pattern, path)
        if match and is_done(converter, match["student"]):
            yield match["student"], notebooks


class RestoreCells(NbGraderPreprocessor):
    """Make every cell that nbgrader knows what it was when the lab was released.

    Students keep the source of their answers and every cell of their own. Checks and other locked
    cells get their source, type, points and marks back, in place of a copy and where one is
    missing; tags are dropped, for one of them would keep a check from running. A cell that lost its
    mark is found as :mod:`.matching` does; what is not found is noted, for a person to look at.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with its released cells in place."""
        student, assignment, lab = key_of(resources)
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            try:
                released = _released_cells(gradebook.find_notebook(lab, assignment))
            except MissingEntry:
                return nb, resources
        known = _known(released, self._source(assignment, lab), marks_in(self.config))
        found = match(known, nb.cells)
        answers = dict(_answers_in_words(known, released, nb.cells, found))
        nb.cells = _in_place(known, released, nb.cells, found, answers)
        key = student, assignment, lab
        nb.metadata = NotebookNode()
        note(nb, OF, getattr(self.parent, "digests", {}).get(key, ""))
        damage = getattr(self.parent, "damaged", {}).get(key, "")
        for cell in nb.cells if damage else ():
            if is_grade(cell) and cell.cell_type == "code" and not noted(cell, DOUBT):
                note(cell, DOUBT, damage)
        if remark := " ".join(filter(None, (damage, _remark(known, found)))):
            self.log.info("%s/%s: %s", student, lab, remark)
            note(nb, NOTE, remark)
        return nb, resources

    def _source(self, assignment: str, lab: str) -> str:
        """Return the lab as it is released; nothing if it was not nbgrader that made this."""
        courses = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if courses is None:
            return ""
        folder = courses.format_path(courses.source_directory, ".", assignment)
        path = Path(folder, f"{lab}.ipynb")
        if not path.exists():
            return ""
        return framed(path.read_text(encoding="utf-8"), self.config, Path(courses.root))


def remarks(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield what a person should look at before anything has run: grade id or '', and why."""
    if said := noted(notebook, NOTE):
        yield "", said
    for cell in notebook.cells:
        if said := noted(cell, SEE):
            yield cell.metadata.nbgrader["grade_id"], said


def doubts(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield what a person should look at of the checks that failed: grade id, and why."""
    for cell in notebook.cells:
        said = noted(cell, DOUBT)
        if said and any(output.output_type == "error" for output in cell.outputs):
            yield cell.metadata.nbgrader["grade_id"], said


def graded(notebook: NotebookNode) -> Iterator[str]:
    """Yield the grade ids of a notebook's cells that give points."""
    for cell in notebook.cells:
        if is_grade(cell):
            yield cell.metadata.nbgrader["grade_id"]


_USUAL = Marks()


@lru_cache(maxsize=8)
def _lab(content: str) -> tuple[NotebookNode, ...]:
    """Read a lab of the course, which is the same for the whole class."""
    return tuple(read_notebook(content).cells)


def _known(released: dict[str, NotebookNode], source: str, marks: Marks) -> list[Known]:
    """Return the lab's cells in order; without its source, those that the gradebook knows."""
    return known_of(released, _lab(source) if source else (), marks)


def known_of(
    released: dict[str, NotebookNode], cells: Sequence[NotebookNode], around: Marks = _USUAL
) -> list[Known]:
    """Return a lab's cells, as students got them.

    Parameters
    ----------
    released : dict of str to NotebookNode
        By grade id: what the gradebook knows.
    cells : sequence of NotebookNode
        The source's; where they are of another release, they are not used.
    around : Marks
        What stands around hidden tests.
    """
    marks = [mark_of(cell) for cell in cells]
    if not {*released} <= {*marks}:  # changed since: its order and its ids mean nothing
        cells, marks = [*released.values()], [*released]
    made = []
    for name, cell in zip(marks, cells, strict=True):
        known = name if name in released else None
        given = released[known] if known else cell
        answer = known is not None and is_solution(given)
        unknown = (known and given is cell) or cell.id.startswith(UNNAMED)
        own_id = "" if unknown else cell.id
        source = visible(given.source, around.begin, around.end)
        made.append(Known(known, own_id, given.cell_type, source, answer))
    return made


def _answers_in_words(
    lab: Sequence[Known],
    released: dict[str, NotebookNode],
    cells: Sequence[NotebookNode],
    found: Match,
) -> Iterator[tuple[int, NotebookNode]]:
    """Yield, by the place in the lab, the answers in words that something is to be said about."""
    own = own_words(lab, cells, found)
    for number, known in enumerate(lab):
        if not known.in_words or known.name is None:
            continue
        place = found.places.get(number)
        handed_in = None if place is None else cells[place]
        cell = _restore(released[known.name], handed_in)
        notes = NotebookNode()
        if handed_in is not None and text_of(cell.source) not in ("", text_of(known.source)):
            if number not in found.rivals:
                continue
            notes[SEE] = _TWICE
        elif beside := written_beside(lab, cells, found, number):
            cell.source = "\n\n".join(beside)
            notes[NOTE] = notes[SEE] = _BESIDE
        elif own:
            notes[SEE] = _ELSEWHERE
        elif handed_in is None:
            notes[SEE] = _NOT_FOUND
            notes[NOTE] = PUT_BACK
        else:
            continue
        cell.metadata[NOTES] = notes
        yield number, cell


def _in_place(
    lab: Sequence[Known],
    released: dict[str, NotebookNode],
    cells: Sequence[NotebookNode],
    found: Match,
    answers: dict[int, NotebookNode],
) -> list[NotebookNode]:
    """Return a submission's cells with the lab's own restored, and each check below its answers."""
    which = {place: number for number, place in found.places.items()}
    kept: list[tuple[tuple[int, int, int], NotebookNode]] = []  # with what they are sorted by
    for place, cell in enumerate(cells):
        cell.metadata = NotebookNode()
        if place not in which:
            kept.append(((place, 0, 0), cell))
    floor, doubt = -1, ""
    empty: list[Known] = []  # answers that were not written where they belong
    before: int | None = None
    for number, known in enumerate(lab):
        at = found.places.get(number)
        if known.name is None:
            if at is not None:
                before = at
                kept.append(((at, 0, 0), cells[at]))
            continue
        given = released[known.name]
        cell = answers.get(number) or _restore(given, None if at is None else cells[at])
        if known.answer and known.kind == "code":
            copies = [p for p in (at, *found.rivals.get(number, ())) if p is not None]
            again = sum(not is_empty(known, cells[p].source) for p in copies) > 1
            doubt = _NO_ANSWER if at is None else _ANOTHER if again else ""
            if at is None:
                continue  # others lean on it: never put back as a stub
            if again:
                note(cell, NOTE, _TWICE)
            floor = max(floor, at)
            if is_empty(known, cells[at].source):
                empty.append(known)
        checks = is_grade(given) and not known.answer
        if at is None:
            first = len(cells) if checks else -1
            order = max(first if before is None else before, floor), 1, number
            cell["id"] = known.id
        elif checks and at < floor:
            order = floor, 1, number
            note(cell, NOTE, _MOVED)
        else:
            order = at, 0, 0
        if (
            at is not None
            and known.kind == "code"
            and not known.answer
            and written_into(known, cells[at].source, empty)
        ):
            doubt = doubt or _INTO
            kept.append((order, _own(cells[at].source, _FROM_A_CHECK)))
        if checks and doubt:
            note(cell, DOUBT, doubt)
        before = order[0]
        kept.append((order, cell))
    placed = [cell for _, cell in sorted(kept, key=lambda pair: pair[0])]
    identify(placed)
    return placed


def _own(source: str, said: str) -> NotebookNode:
    """Return a cell of a student's own, with what there is to say about it."""
    cell = nbformat.v4.new_code_cell(source)
    note(cell, NOTE, said)
    cell["id"] = ""  # its own is drawn by chance; it will be numbered
    return cell


def _remark(lab: Sequence[Known], found: Match) -> str:
    """Return what there is to say about cells that had lost their marks, '' for nothing.

    Examples
    --------
    >>> known = Known("a", "", "code", "", True), Known("b", "", "code", "", True)
    >>> _remark(known, Match({0: 0, 1: 1}, {0: ID, 1: "mark"}))
    'Cells had lost their marks, and were found: 1 by their ids.'
    """
    ways = Counter(how for number, how in found.how.items() if lab[number].name is not None)
    said = [f"{ways[how]} {words}" for how, words in _FOUND.items() if ways[how]]
    return f"Cells had lost their marks, and were found: {', '.join(said)}." if said else ""


def _released_cells(notebook: Any) -> dict[str, NotebookNode]:
    """Return the cells of a notebook in the gradebook by name, as they were released."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    grades = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    cells = {}
    for known in notebook.source_cells:
        name = known.name
        new = getattr(nbformat.v4, f"new_{known.cell_type}_cell")(known.source)
        new.metadata["nbgrader"] = {
            "cell_type": known.cell_type,
            "checksum": known.checksum,
            "grade": name in grades,
            "grade_id": name,
            "locked": known.locked,
            "schema_version": 3,
            "solution": name in solutions,
            "task": name in tasks,
        }
        if name in points:
            new.metadata.nbgrader["points"] = points[name]
        cells[name] = new
    return cells


def _restore(released: NotebookNode, handed_in: NotebookNode | None) -> NotebookNode:
    cell = nbformat.from_dict(released)
    if handed_in is None:
        note(cell, NOTE, PUT_BACK)
        return cell
    cell["id"] = handed_in["id"]
    if not cell.metadata.nbgrader.locked:
        cell.source = handed_in.source
        if "attachments" in handed_in and cell.cell_type == "markdown":
            cell.attachments = handed_in.attachments
    return cell
