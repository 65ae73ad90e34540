"""Read what was handed in, whatever it is, and put every graded cell back as it was released.

:class:`SubmissionExporter` reads a notebook so that a broken one is graded like any other, with a
sentence about what is wrong; :class:`RestoreCells` undoes what was done to the cells that students
must not change. Both are plugged into ``nbgrader autograde`` by ``nbgrader_config.py`` and lean on
nbgrader's gradebook for how the lab was released.
"""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.corpus.words import generate_corpus_id
from nbformat.v4.rwbase import rejoin_lines
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Integer

from autograders.grading.sandbox import Sandbox, SandboxError, check

NOTES = "course"  # the key of a cell's metadata where the course keeps what it has to say
WHY = "why"  # in those notes: why a check failed, in words for its student
SAID = "said"  # in those notes: what the grader, and nobody else, has to say about the cell
PUT_BACK = "This cell was missing from what was handed in, and was put back."


class UnreadableNotebook(ValueError):
    """A file that is no notebook; the message is a sentence for the student."""


class SubmissionExporter(NotebookExporter):
    """Reads a submission and writes the graded notebook; refuses to work without a sandbox.

    Attributes
    ----------
    unreadable : dict
        By the notebook's path (as ``nbgrader`` found it): why it could not be read.
    """

    max_size = Integer(32, help="The largest notebook, in megabytes.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unreadable: dict[tuple[str, str, str], str] = {}
        if Sandbox(parent=self).isolation == "bubblewrap":
            try:
                check()
            except SandboxError as error:
                self.log.error("%s", error)
                raise NbGraderException(str(error)) from None

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert a notebook; one that cannot be read becomes one without cells."""
        resources = resources or {}
        key = key_of(resources)
        try:
            with open(filename, encoding="utf-8") as file:
                notebook = read_notebook(file.read(self.max_size * 2**20 + 1), self.max_size)
        except (OSError, UnicodeDecodeError, UnreadableNotebook) as error:
            why = error if isinstance(error, UnreadableNotebook) else "it is not a text file"
            self.unreadable[key] = f"The notebook that was handed in cannot be read: {why}."
            notebook = nbformat.v4.new_notebook()
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


def read_notebook(text: str, max_size: int = 32) -> NotebookNode:
    """Read a notebook of any version as version 4, keeping of its cells what is well formed.

    Raises
    ------
    UnreadableNotebook
        If it is larger than `max_size` megabytes, no JSON, or not laid out as a notebook.

    Examples
    --------
    >>> read_notebook("{")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    autograders...UnreadableNotebook: it is not JSON, or breaks off (line 1, column 2)
    """
    if len(text) > max_size * 2**20:
        raise UnreadableNotebook(f"it is larger than {max_size} megabytes")
    if not text.strip():
        raise UnreadableNotebook("the file is empty")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableNotebook(f"it is not JSON, or breaks off ({where})") from None
    except (RecursionError, ValueError):
        raise UnreadableNotebook("it is nested too deeply, or holds impossible numbers") from None
    version = content.get("nbformat") if isinstance(content, dict) else None
    if version not in (2, 3, 4):
        raise UnreadableNotebook(f"its format should be nbformat 4, and is {version!r:.40}")
    if version < 4:
        try:
            content = nbformat.convert(nbformat.from_dict(content), 4)
        except Exception:  # the converters of old formats raise whatever they stumble over
            raise UnreadableNotebook(f"its format, nbformat {version}, cannot be read") from None
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise UnreadableNotebook("it has no list of cells")
    try:
        notebook = nbformat.from_dict({**content, "nbformat": 4, "nbformat_minor": 5})
        notebook = rejoin_lines(notebook)
        for cell in notebook.cells:
            if "id" not in cell:
                cell["id"] = generate_corpus_id()
        nbformat.validate(notebook)
        return notebook
    except Exception:  # one cell that is malformed must not cost the others
        made = [_rebuild(cell) for cell in cells]
        return nbformat.v4.new_notebook(cells=[cell for cell in made if cell is not None])


def _rebuild(cell: Any) -> NotebookNode | None:
    """Return a cell with nothing but its text and what nbgrader wrote into it, if it is one."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    kind = cell.get("cell_type")
    if not isinstance(source, str) or kind not in ("code", "markdown", "raw"):
        return None
    new = getattr(nbformat.v4, f"new_{kind}_cell")(source)
    metadata = cell.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("nbgrader"), dict):
        new.metadata["nbgrader"] = nbformat.from_dict(metadata["nbgrader"])
    return new


class RestoreCells(NbGraderPreprocessor):
    """Make every cell that nbgrader knows what it was when the lab was released.

    Students keep the source of their answers and every cell of their own. Checks and other locked
    cells get their source, type, points and marks back, in place of a copy and where one is
    missing; tags are dropped, for one of them would keep a check from running.
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
        cells: list[NotebookNode] = []
        seen: dict[str, NotebookNode] = {}
        for cell in reversed(nb.cells):  # of two cells with one name the last one counts
            name = _name(cell)
            cell.metadata = NotebookNode()
            if name in released and name not in seen:
                cell = seen[name] = _restore(released[name], cell)
            cells.append(cell)
        nb.cells = cells[::-1]
        nb.metadata = NotebookNode()
        previous = None
        for name, cell in released.items():
            if name not in seen and not _is_answer(cell):
                self.log.info("%s/%s: cell %s was missing and is put back", student, lab, name)
                seen[name] = _restore(cell, None)
                place = len(nb.cells) if cell.metadata.nbgrader.grade else 0
                if previous:
                    place = nb.cells.index(seen[previous]) + 1
                nb.cells.insert(place, seen[name])
            previous = name if name in seen else previous
        return nb, resources


def _name(cell: NotebookNode) -> str | None:
    marks = cell.get("metadata", {}).get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else None


def _is_answer(cell: NotebookNode) -> bool:
    """Return whether a released cell is for code that others lean on: never put back as a stub."""
    return cell.cell_type == "code" and cell.metadata.nbgrader.solution


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
        cell.metadata[NOTES] = {"note": PUT_BACK}
    elif not cell.metadata.nbgrader.locked:
        cell.source = handed_in.source
        if "attachments" in handed_in and cell.cell_type == "markdown":
            cell.attachments = handed_in.attachments
    return cell
