"""Tables that an output shows as HTML, as DataFrames do, made harmless.

:func:`table` takes what lays a table out and emphasises its text, and leaves out everything else:
no style, no link, no picture, no script, no name or class by which it could pass for a part of the
page. :mod:`.feedback` leans on it, and calls it in a process of its own (:mod:`.limited`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bleach import Cleaner
from bleach.html5lib_shim import Filter

from autograders.grading.limited import patience
from autograders.grading.markdown import SECONDS, fits

LONGEST = 1_000_000  # characters of HTML that are looked at
BESIDE = 200  # characters that may stand above and below: how many rows there are
_LAID_OUT = "b br caption code em i p strong sub sup table tbody td tfoot th thead tr"
TAGS = frozenset(_LAID_OUT.split())
_UNREAD = frozenset({"script", "style"})
_EMPTY = re.compile(r"<th((?: \w+=\"\d+\")*)>(?:\s|&nbsp;)*</th>")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_TAG = re.compile(r"<[^>]*>")


class _WithoutRules(Filter):
    """Leaves out rules of style and scripts, whose text would be taken for text of the table."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        unread = False
        for token in super().__iter__():
            if token.get("name") in _UNREAD:
                unread = token["type"] == "StartTag"
            elif not unread:
                yield token


def table(source: str) -> str | None:
    """Return HTML that is a table as harmless HTML, and None if it is anything else.

    Call it in the child of :func:`.limited.limited`.

    Examples
    --------
    >>> from autograders.grading.limited import limited
    >>> page = "<style>td { color: red }</style><table class=x><tr><td onclick=y><a href=z>1"
    >>> limited(lambda: table(page))
    '<table><tbody><tr><td>1</td></tr></tbody></table>'
    >>> limited(lambda: table("<b>no table</b>"))
    """
    if len(source) > LONGEST or "<table" not in source.lower():
        return None
    try:
        with patience(SECONDS):
            cleaner = Cleaner(
                tags=TAGS | _UNREAD, attributes=_attribute, strip=True, filters=[_WithoutRules]
            )
            page = _EMPTY.sub(r"<td\1></td>", cleaner.clean(source)).strip()
    except Exception:  # whatever a parser stumbles over
        return None
    before, _, rest = page.partition("<table>")
    cells, end, after = rest.rpartition("</table>")
    beside = _TAG.sub("", before + after).strip()
    whole = end and _TAG.sub("", cells).strip() and len(beside) <= BESIDE
    return page if whole and fits(page) else None


def _attribute(tag: str, name: str, value: str) -> bool:
    spans = tag in ("td", "th") and name in ("colspan", "rowspan")
    return spans and _NUMBER.fullmatch(value) is not None
