"""Markdown that a stranger wrote, as HTML in which nothing runs, and which always comes to be.

The renderers that nbconvert leans on take quadratic time on some input, give up on a picture that
is missing, and are nested as deeply as what they read. Here a cell has a few seconds, and what is
not laid out by then is shown as it was written. :mod:`.feedback` and :mod:`.formgrader` lean on it,
and call it in a process of its own (:mod:`.limited`). Formulas become MathML (:mod:`.formulas`), or
stay what they are, where the page has MathJax.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from time import process_time
from typing import Any

from bleach import clean
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from autograders.grading import formulas
from autograders.grading.limited import patience
from autograders.grading.macros import Macros

SECONDS = 2  # in which a cell has to be laid out
# Elements of a cell, and levels of them: what reads the page later takes its time for each.
MOST, DEEPEST = 20_000, 60
AS_WRITTEN = "Shown as it was written: it could not be laid out."
# What is wider than a phone is scrolled, and what is scrolled has to be reached with the keys.
WIDE, WIDE_BY_KEYS = '<span class="wide">', '<span class="wide" tabindex="0" role="group">'
_TEXT = (
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li "
    "mark ol p pre q s small span strong sub summary sup table tbody td th thead tr u ul"
)
TAGS = frozenset(_TEXT.split())
_VOID = frozenset({"br", "hr", "img"})
_ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_CELL = re.compile(r"<t[dh]\b[^<]*")
_SPAN = re.compile(r"(?:col|row)span=.(\d+)")
_PROTOCOLS = ["http", "https", "mailto", "data"]

Allowed = Callable[[str, str, str], bool]  # whether a tag may have an attribute with this value


class _Attachments(dict[str, dict[str, str]]):
    """A cell's pictures; one that is missing or empty is an empty picture."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, str]:
        return {"image/png": ""}


class _WithFormulas(IPythonRenderer):
    """Makes formulas MathML, until they have taken half of what their cell may take."""

    def __init__(self, macros: Macros | None, **options: Any) -> None:
        super().__init__(**options)
        self._macros = macros
        self._end, self._most = process_time() + SECONDS / 2, MOST // 2

    def block_math(self, body: str) -> str:
        return self._made(body, True) or super().block_math(body)

    def inline_math(self, body: str) -> str:
        return self._made(body, False) or super().inline_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        written = rf"\begin{{{name}}}{body}\end{{{name}}}"
        return self._made(written, True) or super().latex_environment(name, body)

    def _made(self, latex: str, display: bool) -> str | None:
        made = (
            formulas.scrolled(latex, display, self._macros) if process_time() < self._end else None
        )
        if made is None or made.count("<") > self._most:
            return None
        self._most -= made.count("<")
        return made


def lay_out(
    source: str,
    attachments: Mapping[str, Any],
    allowed: Allowed,
    anchors: bool = False,
    mathml: bool = False,
    macros: Macros | None = None,
) -> str:
    r"""Return Markdown as harmless HTML; call it in the child of :func:`.limited.limited`.

    Parameters
    ----------
    source : str
        The Markdown.
    attachments : mapping of str to mapping
        The cell's pictures by name, each by its type.
    allowed : callable
        Whether a tag may have an attribute, given both names and the value.
    anchors : bool
        Whether headings can be linked to.
    mathml : bool
        Whether formulas become MathML.
    macros : Macros, optional
        Those of the page, in formulas that become MathML.

    Examples
    --------
    >>> from autograders.grading.limited import limited
    >>> limited(lambda: lay_out("*a* <b onclick='x()'>b</b>", {}, lambda *about: False))
    '<p><em>a</em> <b>b</b></p>\n'
    """
    kind = partial(_WithFormulas, macros) if mathml else IPythonRenderer
    try:
        with patience(SECONDS):
            pictures = _Attachments({name: one for name, one in attachments.items() if one})
            renderer = kind(escape=False, attachments=pictures, exclude_anchor_links=not anchors)
            page = cleaned(MarkdownWithMath(renderer=renderer).render(source), allowed, mathml)
            return page if fits(page) else as_written(source)
    except Exception:  # whatever a renderer stumbles over
        return as_written(source)


def lay_out_latex(source: str, allowed: Allowed) -> str | None:
    r"""Return text with formulas in LaTeX as harmless HTML, or None if it cannot be laid out.

    Call it in the child of :func:`.limited.limited`.

    Examples
    --------
    >>> from autograders.grading.limited import limited
    >>> limited(lambda: lay_out_latex("$x$, <b>", lambda *about: False))
    '<math display="inline"><mrow><mi>x</mi></mrow></math>, &lt;b&gt;'
    """
    try:
        with patience(SECONDS):
            page = cleaned(formulas.typeset(source) or "", allowed, mathml=True)
            return page if page and fits(page) else None
    except Exception:  # whatever a renderer stumbles over
        return None


def cleaned(page: str, allowed: Allowed, mathml: bool = False) -> str:
    """Return HTML without what is not on a list: elements, attributes, protocols of addresses.

    Examples
    --------
    >>> cleaned("<p><math><mi href='x'>x", lambda *about: False, mathml=True)
    '<p><math><mi>x</mi></math></p>'
    """

    def attribute(tag: str, name: str, value: str) -> bool:
        if tag in formulas.ELEMENTS:
            return formulas.attribute(tag, name, value)
        wide = mathml and (tag, name, value) == ("span", "class", "wide")
        return wide or allowed(tag, name, value)

    tags = TAGS | formulas.ELEMENTS if mathml else TAGS
    page = clean(page, tags=tags, attributes=attribute, protocols=_PROTOCOLS, strip=True)
    return page.replace(WIDE, WIDE_BY_KEYS)


def fits(page: str) -> bool:
    """Return whether a browser can be asked to lay out a cleaned page.

    Examples
    --------
    >>> fits("<table><tr><td colspan='3'>1</td></tr></table>")
    True
    >>> fits("<table><tr><td colspan='900' rowspan='900'>1</td></tr></table>")
    False
    """
    if page.count("<") > MOST or _depth(page) > DEEPEST:
        return False
    cells = (map(int, _SPAN.findall(cell)) for cell in _CELL.findall(page))
    return sum(map(prod, cells)) <= MOST


def _depth(page: str) -> int:
    """Return how deeply the elements of a cleaned page are nested.

    Examples
    --------
    >>> _depth("<p>a<br>b</p><ul><li><em>c</em></li></ul>")
    3
    """
    depth = deepest = 0
    for end, name in _ELEMENT.findall(page):
        if name not in _VOID:
            depth += -1 if end else 1
            deepest = max(deepest, depth)
    return deepest


def as_written(source: str) -> str:
    """Return text as HTML, with the remark that it is not laid out."""
    return f"<pre>{html.escape(source)}</pre>\n<p><em>{AS_WRITTEN}</em></p>"


def attachments_of(cell: NotebookNode | None) -> Mapping[str, Any]:
    """Return a cell's attachments, of which there need be none."""
    found = cell.get("attachments") if cell else None
    return found if isinstance(found, Mapping) else {}
