"""Feedback that tells a student what went wrong, and nothing of what the hidden tests are.

:class:`RedactFeedback` is a preprocessor of ``nbgrader generate_feedback``;
:class:`FeedbackExporter` writes a page in which nothing that a student wrote can run. A check's
outcome becomes its grade id and the message of the assertion that failed. Hidden tests are judged
after everything else, so that what other cells showed cannot tell of them; only where the grader
could not wait with them, what they showed is taken from the notebook that was handed in. What an
object shows of itself is kept where it is a picture, a table, Markdown or formulas.
"""

from __future__ import annotations

import ast
import copy
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from bleach import clean
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from traitlets import CaselessStrEnum, Integer, List, Unicode, default

from autograders.console import one_line
from autograders.grading.formulas import mathml
from autograders.grading.judge.parts import is_check, marks_in
from autograders.grading.limited import Overrun, limited
from autograders.grading.macros import Macros
from autograders.grading.markdown import Allowed, as_written, attachments_of, lay_out, lay_out_latex
from autograders.grading.matching import visible
from autograders.grading.notes import MET, NOTE, NOTES, SAID, WHERE, WHY, noted
from autograders.grading.reading import UnreadableNotebook, read_file
from autograders.grading.submission import key_of
from autograders.grading.tables import table

PAGE = Path(__file__).with_suffix(".html")
_IMAGES = ("image/png", "image/jpeg")
_GRADED = 128  # megabytes that a graded notebook may have
_NOT_SHOWN = "*The notebook cannot be shown here; the points are those that it got.*"
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+\Z")
_PAGES = ("*.[hH][tT][mM]*", "*.[xX][hH][tT]*", "*.[sS][vV][gG]")
_NO_TEXT = re.compile(r"<IPython\.core\.display\.\w+ object>")
# Keys of nbconvert's resources: whether outputs are shown as text, to what the page's links lead,
# and the macros of its formulas.
_PLAIN, _OWN, _MACROS = "plain_outputs", "own_names", "macros"


class RedactFeedback(NbGraderPreprocessor):
    """Take hidden tests, and whatever could speak of them, out of a graded notebook."""

    # What the exporter sets for every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)
    show = CaselessStrEnum(
        ["places", "reasons", "names"],
        "places",
        help="What a student reads of a check that failed: its name; the reason, too; and where in "
        "the answer an error was raised, for a visible part.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as its author may see it."""
        shown = self._handed_in(resources)
        marks = marks_in(self.config)
        met_hidden, rich = False, not resources.get(_PLAIN)
        for cell in nb.cells:
            if is_check(cell):
                cell.source = visible(cell.source, marks.begin, marks.end)
                met_hidden = met_hidden or bool(noted(cell, MET))
                cell.outputs = list(_outcome(cell, self.show, rich))
            elif cell.cell_type == "code":
                outputs = cell.outputs
                if met_hidden:
                    outputs = shown.get(cell.source, [])
                cell.outputs = [*harmless(outputs, rich), *_notes(cell)]
                _describe(cell)
            elif cell.cell_type == "raw":
                cell.source = html.escape(cell.source)
        nb.metadata.pop("widgets", None)
        nb.cells = list(_with_remarks(nb))
        return nb, resources

    def _handed_in(self, resources: dict[str, Any]) -> dict[str, list[NotebookNode]]:
        """Return what cells showed when they were handed in, by source."""
        courses = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if courses is None:
            return {}
        student, assignment, lab = key_of(resources)
        folder = courses.format_path(courses.submitted_directory, student, assignment)
        path = Path(folder, f"{lab}.ipynb")
        try:
            cells = limited(lambda: read_file(path)).cells
        except (UnreadableNotebook, Overrun):
            return {}
        return {cell.source: cell.get("outputs", []) for cell in cells if cell.cell_type == "code"}


class FeedbackExporter(HTMLExporter):
    """nbgrader's page of feedback, with the HTML in students' prose made harmless.

    The page is made in a process of its own, under limits. Where that fails, it is made again with
    everything as it was written, and where that fails too, with the points and their reasons alone.
    """

    seconds = Integer(60, help="The most CPU time that a page may take.").tag(config=True)
    megabytes = Integer(1024, help="The most memory that a page may take.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        converter = kwargs.get("parent")
        if isinstance(converter, GenerateFeedback):
            # nbgrader copies what was handed in or written beside a lab: no page, which could be
            # taken for one of ours, nor a folder in its place.
            course = converter.coursedir
            course.ignore = [*dict.fromkeys([*course.ignore, *_PAGES])]

    @default("template_name")
    def _template_name_default(self) -> str:
        return "feedback"

    @default("raw_template")
    def _raw_template_default(self) -> str:
        return PAGE.read_text(encoding="utf-8")  # which extends nbgrader's

    def from_filename(  # type: ignore[override] # as nbconvert's exporters of text do
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Make the page of a notebook that was graded."""
        notebook = limited(lambda: read_file(filename, _GRADED), self.seconds, self.megabytes)
        folder, _, name = filename.rpartition("/")
        about = {"name": name.removesuffix(".ipynb"), "path": folder}
        return self.from_notebook_node(notebook, {**(resources or {}), "metadata": about}, **kwargs)

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Make the page: what asks the gradebook here, the rest in a process of its own."""
        steps = self._preprocessors
        cut = max((n for n, step in enumerate(steps, 1) if isinstance(step, GetGrades)), default=0)
        _warm_up(self)
        nb, about = copy.deepcopy(nb), self._init_resources(resources or {})
        try:
            if cut:  # none in a worker of the batch, and nbconvert stumbles over no step at all
                self._preprocessors = steps[:cut]
                nb, about = self._preprocess(nb, about)
            self._preprocessors = steps[cut:]
            page = self._page(nb, about, kwargs)
        finally:
            self._preprocessors = steps
        return page, {**about, "output_extension": self.file_extension}

    def _page(self, nb: NotebookNode, about: dict[str, Any], kwargs: dict[str, Any]) -> str:
        """Make the page, and what can be made of it where that fails."""

        def make(plain: bool, outputs_plain: bool) -> str:
            self._be_plain(plain)
            more = {_PLAIN: outputs_plain, _OWN: _own_names(nb), _MACROS: Macros()}
            return made(self, nb, {**about, **more}, **kwargs)[0]

        made = HTMLExporter.from_notebook_node
        for plain, instead in ((False, "as it was written"), (True, "without its cells")):
            try:
                return limited(partial(make, plain, plain), self.seconds, self.megabytes)
            except Exception as why:  # whatever a renderer stumbles over
                where = one_line(", ".join(key_of(about)))
                self.log.warning(
                    "The page of %s is made %s: %s", where, instead, one_line(str(why))
                )
        nb = _points_alone(nb)
        return make(plain=False, outputs_plain=True)

    def _be_plain(self, plain: bool) -> None:
        """Have text, and code, shown as it was written."""
        self._plain = plain
        if plain:
            self.filters = {**self.filters, "highlight_code": _escaped}

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Return Markdown as HTML in which nothing runs and nothing is fetched."""
        if self._plain:
            return as_written(source)
        allowed = partial(_attribute, own=context["resources"][_OWN])
        pictures = attachments_of(context.get("cell"))
        macros = context["resources"][_MACROS]
        return lay_out(source, pictures, allowed, anchors=True, mathml=True, macros=macros)


def _escaped(source: str, *arguments: Any, **options: Any) -> str:
    return f"<pre>{html.escape(source)}</pre>"


def _points_alone(nb: NotebookNode) -> NotebookNode:
    """Return a notebook of the cells that give points, with nothing of what stands in them."""
    cells = [cell for cell in nb.cells if cell.metadata.get("nbgrader")]
    for cell in cells:
        cell.source = "" if cell.cell_type == "code" else _NOT_SHOWN
        cell.attachments = NotebookNode()
        cell.outputs = [o for o in cell.get("outputs", []) if o.output_type == "error"]
    nb.cells = [nbformat.v4.new_markdown_cell(_NOT_SHOWN), *cells]
    return nb


def _warm_up(exporter: FeedbackExporter) -> None:
    """Do here what every page would have to do again: read the template, prepare the parsers."""
    assert exporter.template is not None
    if not _warm:
        clean(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render("# `a` <b>"))
        Highlight2HTML(pygments_lexer="python")("a = 1")
        mathml("x")
        _warm.append(True)


_warm: list[bool] = []


_SOURCE = re.compile(r"data:image/(?:png|jpeg);base64,", re.IGNORECASE)
_COLOURED = re.compile(r"highlight|[a-z]{1,3}\d?|anchor-link")  # code, and links to headings


def _attribute(tag: str, name: str, value: str, own: Set[str] = frozenset()) -> bool:
    """Return whether an attribute may stand in the page.

    Pictures come from nowhere else, no class is one of the page's, no name one of its `own`.
    """
    if name == "src":
        return tag == "img" and _SOURCE.match(value) is not None
    if name == "href":
        return tag == "a" and not value.lower().startswith("data:")
    if name == "class":
        return _COLOURED.fullmatch(value) is not None
    if name == "id":
        return value not in own
    return name in ("title", "alt", "align", "colspan", "rowspan", "open", "width")


def _own_names(nb: NotebookNode) -> Set[str]:
    """Return the names to which the page's own links lead."""
    marks = (cell.metadata.get("nbgrader") or {} for cell in nb.cells)
    names = {str(mark.get("grade_id", "")) for mark in marks}
    return {"top", *names, *(f"comment-{name}" for name in names)}


def _in_output(tag: str, name: str, value: str) -> bool:
    return name != "id" and _attribute(tag, name, value)


def harmless(
    outputs: Iterable[NotebookNode], rich: bool = False, allowed: Allowed = _in_output
) -> Iterator[NotebookNode]:
    """Yield outputs as text and pictures: no SVG, no scripts, no widgets.

    Where they may be `rich`, tables, Markdown and formulas are HTML that was cleaned, with the
    attributes that are `allowed`; then call it in the child of :func:`.limited.limited`.
    """
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
            if not kept and rich and (page := _page_of(data, allowed)):
                kept = {"text/html": page}
            if not kept:
                kept = {"text/plain": _as_text(data)}
            yield nbformat.v4.new_output("display_data", data=kept)


def _page_of(data: Mapping[str, Any], allowed: Allowed) -> str | None:
    """Return as harmless HTML what an object shows of itself, or None if that is text."""
    page, markdown, latex = map(data.get, ("text/html", "text/markdown", "text/latex"))
    if isinstance(page, str) and (cells := table(page)):
        return f'<div class="wide" tabindex="0" role="group">{cells}</div>'
    if isinstance(markdown, str) and markdown.strip():
        return lay_out(markdown, {}, allowed, mathml=True)
    return lay_out_latex(latex, allowed) if isinstance(latex, str) else None


def _as_text(data: Mapping[str, Any]) -> str:
    """Return an object's text, or if it has none, the Markdown or LaTeX that it shows."""
    text = _text(data.get("text/plain"))
    if _NO_TEXT.fullmatch(text):
        written = (_text(data.get(kind)) for kind in ("text/markdown", "text/latex"))
        return next(filter(None, written), text)
    return text


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
    except (SyntaxError, ValueError, RecursionError, MemoryError):
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


def _with_remarks(nb: NotebookNode) -> Iterator[NotebookNode]:
    """Yield cells, and below those of prose what the grader has to say about them."""
    if said := noted(nb, NOTE):
        yield nbformat.v4.new_markdown_cell(f"*{said}*")
    for cell in nb.cells:
        yield cell
        said = noted(cell, NOTE)
        if said and cell.cell_type == "markdown":
            yield nbformat.v4.new_markdown_cell(f"*{said}*")


def _notes(cell: NotebookNode) -> Iterator[NotebookNode]:
    notes = cell.metadata.get(NOTES, {})
    yield from (_plain(notes[key]) for key in (NOTE, SAID) if notes.get(key))


def _outcome(cell: NotebookNode, show: str, rich: bool) -> Iterator[NotebookNode]:
    """Yield what a student learns of a check: what its visible part showed, and why it failed."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if show == "names":
        if errors:
            yield _plain(f"{cell.metadata.nbgrader['grade_id']}: not passed")
        return
    shown = [o for o in cell.outputs if o.output_type in ("stream", "display_data")]
    yield from harmless(shown, rich)
    yield from _notes(cell)
    notes = cell.metadata.get(NOTES, {})
    if notes.get(WHY) and not notes.get(SAID):
        name = cell.metadata.nbgrader["grade_id"]
        places = notes.get(WHERE, ()) if show == "places" else ()
        yield _plain("\n    ".join((f"{name}: {notes[WHY]}", *places)))
    elif errors and not notes.get(SAID):
        yield _plain("This check was not judged.")
