"""Markdown that a stranger wrote, as HTML in which nothing runs, and which always comes to be.

The renderers that nbconvert leans on take quadratic time on some input, give up on a picture that
is missing, and are nested as deeply as what they read. Here a cell has a few seconds, and what is
not laid out by then is shown as it was written. :mod:`.feedback` and :mod:`.formgrader` lean on it,
and call it in a process of its own (:mod:`.limited`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from bleach import clean
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from autograders.grading.limited import patience

SECONDS = 2  # in which a cell has to be laid out
# Elements of a cell, and levels of them: what reads the page later takes its time for each.
MOST, DEEPEST = 20_000, 60
AS_WRITTEN = "Shown as it was written: it could not be laid out."
_TEXT = (
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li "
    "mark ol p pre q s small span strong sub summary sup table tbody td th thead tr u ul"
)
TAGS = frozenset(_TEXT.split())
_VOID = frozenset({"br", "hr", "img"})
_ELEMENT = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_PROTOCOLS = ["http", "https", "mailto", "data"]

Allowed = Callable[[str, str, str], bool]  # whether a tag may have an attribute with this value


class _Attachments(dict[str, dict[str, str]]):
    """A cell's pictures; one that is missing or empty is an empty picture."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, str]:
        return {"image/png": ""}


def lay_out(
    source: str, attachments: Mapping[str, Any], allowed: Allowed, anchors: bool = False
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

    Examples
    --------
    >>> from autograders.grading.limited import limited
    >>> limited(lambda: lay_out("*a* <b onclick='x()'>b</b>", {}, lambda *about: False))
    '<p><em>a</em> <b>b</b></p>\n'
    """
    try:
        with patience(SECONDS):
            pictures = _Attachments({name: one for name, one in attachments.items() if one})
            renderer = IPythonRenderer(
                escape=False, attachments=pictures, exclude_anchor_links=not anchors
            )
            laid_out = MarkdownWithMath(renderer=renderer).render(source)
            page = clean(laid_out, tags=TAGS, attributes=allowed, protocols=_PROTOCOLS, strip=True)
            fits = page.count("<") <= MOST and _depth(page) <= DEEPEST
            return page if fits else as_written(source)
    except Exception:  # whatever a renderer stumbles over
        return as_written(source)


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
