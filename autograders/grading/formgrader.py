"""What a grader sees in the formgrader: a submission that does nothing, beside what was asked for.

The page of manual grading stands in the instructor's JupyterLab and could do there whatever the
instructor can, so nothing that a student wrote runs in it, is fetched by it, or leads from it to a
file that was handed in. :class:`GraderView`, :func:`harmless_markdown` and the template
``formgrader.html`` are plugged into nbconvert's ``HTMLExporter``, which the formgrader uses, by
``nbgrader_config.py``; they lean on :mod:`autograders.grading.feedback`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import pass_context
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import List, Unicode

from autograders.grading.feedback import harmless
from autograders.grading.limited import Overrun, limited
from autograders.grading.markdown import as_written, attachments_of, lay_out
from autograders.grading.reading import identify, read_file

_CRITERIA = re.compile(r"<details>(?=\s*<summary>\s*How it is graded)", re.IGNORECASE)
_GUIDE = re.compile(
    r"<details>(\s*<summary>\s*Scoring guide.*?</details>)", re.IGNORECASE | re.DOTALL
)
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
LAID_OUT = "laid_out"  # the key of nbconvert's resources for prose that is HTML already
_SECONDS = 30  # for all prose of a notebook
_LONGEST = 100_000  # characters of a notebook's code that are coloured
TEMPLATE = Path(__file__).with_name("formgrader.html")


class GraderView(NbGraderPreprocessor):
    """Make a graded notebook harmless, and set the scoring guide and the lab's answer beside it."""

    # What the exporter sets for every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as the formgrader shows it."""
        answers = self._answers(resources)
        cells, left = [], _LONGEST
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.source = _within(cell.source, left)
                left = max(0, left - len(cell.source))
            elif cell.cell_type == "raw":
                cell.source = html.escape(cell.source)
            elif cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source = _CRITERIA.sub("<details open>", cell.source)
            cells.append(cell)
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if _read_by_a_person(cell) and name in answers:
                cells.append(_beside(answers[name]))
        nb.cells = cells
        identify(nb.cells)
        resources[LAID_OUT] = _laid_out(cells)
        _lay_out_outputs(cells)
        return nb, resources

    def _answers(self, resources: dict[str, Any]) -> dict[str, str]:
        """Return the lab's own answers to the questions that a person grades, by grade id."""
        courses = CourseDirectory(parent=self)
        folder = courses.format_path(
            courses.source_directory, ".", resources.get("assignment_id", "")
        )
        path = Path(folder, f"{resources.get('notebook_id', '')}.ipynb")
        if not path.is_file():
            return {}
        cells = read_file(path).cells
        return {
            cell.metadata.nbgrader["grade_id"]: cell.source
            for cell in cells
            if _read_by_a_person(cell)
        }


@pass_context
def harmless_markdown(context: Any, source: str) -> str:
    """Return Markdown as HTML in which nothing runs, is fetched, or passes for the page's own.

    Examples
    --------
    >>> print(harmless_markdown({}, "[*look*](evil.html) at <b id='score' onclick='x()'>this</b>"))
    <p><a><em>look</em></a> at <b>this</b></p>
    """
    cell = context.get("cell")
    known = context.get("resources", {}).get(LAID_OUT, {})
    page = known.get((cell or {}).get("id"), {}).get(source)
    if page is not None:
        return page
    try:
        return limited(lambda: _prose(source, cell), _SECONDS)
    except Overrun:
        return as_written(source)


def _laid_out(cells: Iterable[NotebookNode]) -> dict[str, dict[str, str]]:
    """Return the pages of cells of prose by their ids and sources, made in one other process."""
    prose = [cell for cell in cells if cell.cell_type == "markdown"]

    def work() -> list[str]:
        return [_prose(cell.source, cell) for cell in prose]

    try:
        made = limited(work, _SECONDS)
    except Overrun:
        made = [as_written(cell.source) for cell in prose]
    return {cell.id: {cell.source: page} for cell, page in zip(prose, made, strict=True)}


def _prose(source: str, cell: NotebookNode | None) -> str:
    return lay_out(source, attachments_of(cell), _attribute, mathml=True)


def _lay_out_outputs(cells: Iterable[NotebookNode]) -> None:
    """Have code show its pictures, tables, Markdown and formulas, made in one other process."""
    code = [cell for cell in cells if cell.cell_type == "code"]

    def work(rich: bool) -> list[list[NotebookNode]]:
        return [list(harmless(cell.outputs, rich, _attribute)) for cell in code]

    try:
        made = limited(partial(work, True), _SECONDS)
    except Overrun:
        made = work(False)
    for cell, outputs in zip(code, made, strict=True):
        cell.outputs = outputs


def _attribute(tag: str, name: str, value: str) -> bool:
    """Return whether an attribute may stand in the page.

    No names or classes, by which the page finds its own fields; no links to files that were handed
    in, which would open with the instructor's rights; no pictures that have to be fetched.
    """
    if name == "src":
        return tag == "img" and _PICTURE.match(value) is not None
    if name == "href":
        return tag == "a" and _ELSEWHERE.match(value) is not None
    return name in ("title", "alt", "align", "colspan", "rowspan", "open")


def _within(source: str, most: int) -> str:
    """Return code, and of code that would take long to colour the beginning."""
    if len(source) <= most:
        return source
    return f"{source[:most]}\n# ... {len(source) - most:,} more characters"


def _read_by_a_person(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and is_grade(cell) and is_solution(cell)


def _beside(answer: str) -> NotebookNode:
    """Return the lab's scoring guide, open, and below it the lab's own answer, folded."""
    guides = [f"<details open>{guide}" for guide in _GUIDE.findall(answer)]
    own = (
        f"<details><summary>The lab's own answer, which students do not see</summary>\n\n"
        f"{_GUIDE.sub('', answer).strip()}\n\n</details>"
    )
    return nbformat.v4.new_markdown_cell("\n\n".join([*guides, own]))
