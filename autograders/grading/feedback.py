"""Feedback that tells a student what went wrong, and nothing of what the hidden tests are.

:class:`RedactFeedback` is a preprocessor of ``nbgrader generate_feedback``;
:class:`FeedbackExporter` writes a page in which nothing that a student wrote can run. A check's
outcome becomes its grade id and the message of the assertion that failed. Hidden tests are judged
after everything else, so that what other cells showed cannot tell of them; only where the grader
could not wait with them, what they showed is taken from the notebook that was handed in.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from bleach import clean
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from traitlets import List, Unicode, default

from autograders.grading.judge.plan import is_check
from autograders.grading.reading import UnreadableNotebook, read_file
from autograders.grading.submission import MET, NOTES, SAID, WHY, key_of

PAGE = Path(__file__).with_suffix(".html")
_IMAGES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+\Z")


class RedactFeedback(NbGraderPreprocessor):
    """Take hidden tests, and whatever could speak of them, out of a graded notebook."""

    # What the exporter sets for every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as its author may see it."""
        shown = self._handed_in(resources)
        met_hidden = False
        for cell in nb.cells:
            if is_check(cell):
                cell.source = self._visible(cell.source)
                met_hidden = met_hidden or bool(cell.metadata.get(NOTES, {}).get(MET))
                cell.outputs = list(_outcome(cell))
            elif cell.cell_type == "code":
                outputs = cell.outputs
                if met_hidden:
                    outputs = shown.get(cell.source, [])
                cell.outputs = [*harmless(outputs), *_notes(cell)]
                _describe(cell)
            elif cell.cell_type == "raw":
                cell.source = html.escape(cell.source)
        nb.metadata.pop("widgets", None)
        return nb, resources

    def _visible(self, source: str) -> str:
        """Return a check without its hidden part."""
        lines, hidden = [], False
        for line in source.split("\n"):
            if self._delimiter("begin_test_delimeter") in line:
                hidden = True
            elif self._delimiter("end_test_delimeter") in line:
                hidden = False
            elif not hidden:
                lines.append(line)
        return "\n".join(lines)

    def _delimiter(self, name: str) -> str:
        return self.config.ClearHiddenTests.get(name, getattr(ClearHiddenTests, name).default_value)

    def _handed_in(self, resources: dict[str, Any]) -> dict[str, list[NotebookNode]]:
        """Return what cells showed when they were handed in, by source."""
        courses = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if courses is None:
            return {}
        student, assignment, lab = key_of(resources)
        folder = courses.format_path(courses.submitted_directory, student, assignment)
        path = Path(folder, f"{lab}.ipynb")
        try:
            cells = read_file(path).cells
        except UnreadableNotebook:
            return {}
        return {cell.source: cell.get("outputs", []) for cell in cells if cell.cell_type == "code"}


class FeedbackExporter(HTMLExporter):
    """nbgrader's page of feedback, with the HTML in students' prose made harmless."""

    @default("template_name")
    def _template_name_default(self) -> str:
        return "feedback"

    @default("raw_template")
    def _raw_template_default(self) -> str:
        return PAGE.read_text(encoding="utf-8")  # which extends nbgrader's

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Return Markdown as HTML in which nothing runs and nothing is fetched."""
        return clean(
            super().markdown2html(context, source),
            tags=TAGS,
            attributes=_attribute,
            protocols=["http", "https", "mailto", "data"],
            strip=True,
        )


_TEXT = (
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li "
    "mark ol p pre q s small span strong sub summary sup table tbody td th thead tr u ul"
)
TAGS = frozenset(_TEXT.split())
_SOURCE = re.compile(r"data:image/(?:png|jpeg);base64,", re.IGNORECASE)


def _attribute(tag: str, name: str, value: str) -> bool:
    """Return whether an attribute may stand in the page; pictures come from nowhere else."""
    if name == "src":
        return tag == "img" and _SOURCE.match(value) is not None
    if name == "href":
        return tag == "a" and not value.lower().startswith("data:")
    return name in ("class", "id", "title", "alt", "align", "colspan", "rowspan", "open", "width")


def harmless(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield outputs as text and pictures: no HTML, no SVG, no scripts, no widgets."""
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            yield nbformat.v4.new_output("stream", name="stdout", text=_text(output.get("text")))
        elif kind == "error":
            lines = [_text(line) for line in output.get("traceback", [])]
            yield _plain("\n".join(lines) or f"{output.get('ename')}: {output.get('evalue')}")
        elif kind in ("display_data", "execute_result"):
            data = output.get("data", {})
            kept = {
                name: data[name]
                for name in _IMAGES
                if isinstance(data.get(name), str) and _BASE64.match(data[name])
            }
            if not kept:
                kept = {"text/plain": _text(data.get("text/plain"))}
            yield nbformat.v4.new_output("display_data", data=kept)


def _describe(cell: NotebookNode) -> None:
    """Give a cell's pictures an alternative text: the finding that stands above the figure."""
    for output in cell.outputs:
        for kind in _IMAGES:
            if kind in output.get("data", {}):
                output.metadata[kind] = {"alt": figure_title(cell.source)}


def figure_title(source: str) -> str:
    """Return what code writes above its figure, or what can be said of any figure.

    Examples
    --------
    >>> figure_title("ax.set(title='Half can be zero', xlabel='share'); plt.show()")
    'Figure: Half can be zero'
    >>> figure_title("a.set_title('layer 1'); fig.suptitle('Most weights are small')")
    'Figure: Most weights are small'
    >>> figure_title("imshow(x)")
    'Figure drawn by the code above'
    """
    found = {"suptitle": "", "set_title": "", "title": ""}
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        calls = []
    for call in calls:
        written = [(getattr(call.func, "attr", ""), value) for value in call.args[:1]]
        written += [(keyword.arg or "", keyword.value) for keyword in call.keywords]
        for name, value in written:
            if name in found and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[name] = found[name] or value.value[:200]
    title = next(filter(None, found.values()), "")
    return f"Figure: {title}" if title else "Figure drawn by the code above"


_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _text(value: Any) -> str:
    joined = "".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return _ESCAPES.sub("", joined)


def _plain(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def _notes(cell: NotebookNode) -> Iterator[NotebookNode]:
    notes = cell.metadata.get(NOTES, {})
    yield from (_plain(notes[key]) for key in ("note", SAID) if notes.get(key))


def _outcome(cell: NotebookNode) -> Iterator[NotebookNode]:
    """Yield what a student learns of a check: what its visible part showed, and why it failed."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    yield from harmless(o for o in cell.outputs if o.output_type in ("stream", "display_data"))
    yield from _notes(cell)
    notes = cell.metadata.get(NOTES, {})
    if notes.get(WHY) and not notes.get(SAID):
        name = cell.metadata.nbgrader["grade_id"]
        yield _plain(f"{name}: {notes[WHY]}")
    elif errors and not notes.get(SAID):
        yield _plain("This check was not judged.")
