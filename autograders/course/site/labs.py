"""The labs as the site shows them: as students get them, with the figures of the source.

A lab is shown as nbgrader releases it, so what stands in no release stands on no page. Released
labs have no outputs; those of the source are taken for cells that nobody is asked to fill and that
check nothing, as text and pictures. What a lab is about, how long it takes and what it is worth is
read from the lab. Leans on :mod:`autograders.course.kit` for the release, on
:mod:`.grading.feedback` for what a picture is called.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograders.course.kit import release_apart
from autograders.grading.feedback import figure_title, harmless
from tinytorch import assignment

_ABOUT = re.compile(r"^\*.*?about (?P<minutes>\d+) minutes.*\*$", re.MULTILINE)
_LEARNT = re.compile(r"be able to\n\n(?P<list>(?:- .*\n?(?:  .*\n?)*)+)")
_WIDGET = "application/vnd.jupyter.widget-view+json"
INSTEAD = "A control stands here in the notebook: set it, and the figure is drawn anew.\n"


class LabError(ValueError):
    """A lab does not say what the syllabus needs; the message says what is missing."""


@dataclass(frozen=True)
class Lab:
    """What a lab says of itself.

    Attributes
    ----------
    name : str
        Its file's, as in ``01_sparsity``.
    title : str
        Its heading, as in ``Lab 01 · Sparsity``.
    minutes : int
        How long it takes.
    points, manual : float
        What it is worth, and the part of it that a person gives.
    learnt : tuple of str
        What students are able to do by its end, in Markdown.
    """

    name: str
    title: str
    minutes: int
    points: float
    manual: float
    learnt: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """An assignment: its folder's name, what it is about, and those of its labs that are there."""

    name: str
    subject: str
    labs: tuple[Lab, ...]

    @property
    def minutes(self) -> int:
        """How long its labs take together."""
        return sum(lab.minutes for lab in self.labs)

    @property
    def points(self) -> float:
        """What its labs are worth together."""
        return sum(lab.points for lab in self.labs)


def parts(root: Path) -> list[Part]:
    """Return the parts of the course, in the order in which they are taught.

    Parameters
    ----------
    root : Path
        The folder that holds ``modules/``.
    """
    folders = [root / "modules" / name for name in assignment.names(root)]
    return [
        Part(
            folder.name,
            assignment.read(folder).subject,
            tuple(describe(path) for path in sorted(folder.glob("*.ipynb"))),
        )
        for folder in folders
    ]


def describe(path: Path) -> Lab:
    """Read what a lab says of itself.

    Raises
    ------
    LabError
        If its first cell has no heading, no minutes, or no list of what is learnt.
    """
    notebook = nbformat.read(path, as_version=4)
    opening = notebook.cells[0].source
    about, learnt = _ABOUT.search(opening), _LEARNT.search(opening + "\n")
    if not opening.startswith("# ") or about is None or learnt is None:
        raise LabError(
            f"{path.name}: its first cell should have a heading, a line in italics with `about ... "
            "minutes`, and `be able to` above a list of what is learnt"
        )
    points = dict.fromkeys((False, True), 0.0)
    for cell in filter(is_grade, notebook.cells):
        points[is_solution(cell)] += cell.metadata.nbgrader["points"]
    return Lab(
        path.stem,
        opening.partition("\n")[0].removeprefix("# "),
        int(about["minutes"]),
        sum(points.values()),
        points[True],
        tuple(item.strip(" ,.\n") for item in re.split(r"^- ", learnt["list"], flags=re.M)[1:]),
    )


def pages(root: Path, part: str) -> Iterator[tuple[str, NotebookNode]]:
    """Release a part and yield, by name, each lab as the site shows it.

    Neither ``release/`` nor the gradebook is touched.
    """
    with tempfile.TemporaryDirectory() as scratch:
        release = release_apart(root, part, Path(scratch))
        for path in sorted(release.glob("*.ipynb")):
            source = nbformat.read(root / "modules" / part / path.name, as_version=4)
            yield path.stem, page(nbformat.read(path, as_version=4), source)


def page(released: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return a released lab with the source's figures, and with a line above what gives points.

    Parameters
    ----------
    released, source : NotebookNode
        The lab as students get it, and as the course keeps it. Both are left unchanged.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook, new_output
    >>> shown = [new_output("stream", text="2")]
    >>> source = new_notebook(cells=[new_code_cell("print(2)", id="demo", outputs=shown)])
    >>> released = new_notebook(cells=[new_code_cell("print(2)", id="demo")])
    >>> page(released, source).cells[0].outputs[0].text
    '2'
    >>> source.cells[0].metadata = {"nbgrader": {"grade": True, "solution": False}}
    >>> released.cells[0].metadata = {"nbgrader": {"grade": True, "grade_id": "two", "points": 1}}
    >>> page(released, source).cells[1].outputs
    []
    """
    shown = {c.id: c for c in source.cells if c.cell_type == "code" and not is_asked(c)}
    cells: list[NotebookNode] = []
    for cell in released.cells:
        if line := _heading(cell):
            cells.append(nbformat.v4.new_markdown_cell(line))
        if cell.cell_type != "code":
            cells.append(nbformat.v4.new_markdown_cell(cell.source))
            continue
        made = nbformat.v4.new_code_cell(cell.source)
        own = shown.get(cell.id)
        if own is not None and own.source == cell.source:
            made.outputs = list(_outputs(own))
            made.metadata = {"mystnb": {"image": {"alt": figure_title(own.source)}}}
        cells.append(made)
    return nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)


def is_asked(cell: NotebookNode) -> bool:
    """Return whether a cell is a student's to fill, or a check: its outputs are nobody's else."""
    return is_solution(cell) or is_grade(cell)


def _heading(cell: NotebookNode) -> str:
    """Return the line that stands above an exercise or a check: what it is, and its points."""
    marks = cell.metadata.get("nbgrader", {})
    what = "exercise" if marks.get("solution") else "check" if marks.get("grade") else ""
    if not what:
        return ""
    points = f" · {in_words(marks['points'])}" if marks.get("grade") else ""
    kind = "Your answer" if cell.cell_type != "code" else "Your code" if points == "" else "Check"
    return f"{{.{what}}}\n{kind} · `{marks['grade_id']}`{points}"


def in_words(points: float) -> str:
    """Return a number of points as it is read.

    Examples
    --------
    >>> in_words(1.0), in_words(2.5)
    ('1 point', '2.5 points')
    """
    return f"{points:g} point{'' if points == 1 else 's'}"


def _outputs(cell: NotebookNode) -> Iterator[NotebookNode]:
    """Yield what a cell showed, but for errors, as text and pictures."""
    for output in cell.outputs:
        if _WIDGET in output.get("data", {}):
            yield nbformat.v4.new_output("stream", name="stdout", text=INSTEAD)
        elif output.output_type != "error":
            yield from harmless([output])
