"""What can be saved of a file that is nearly a notebook: an upload that broke off, git's marks.

JSON is read as a whole or not at all. :func:`attempts` takes away what most often stands in the
way, and says what it did. :mod:`.reading` leans on it, it on nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CONFLICT = "git's conflict marks stand in it, and of its two versions the longer one was read"
COMMAS = "it has commas that JSON does not allow, which were left out"
BROKEN_OFF = "it breaks off, and what stands before that was read"
MORE = "something stands behind its end, which was left out"
_STRING = r'"(?:[^"\\]++|\\.)*+'
_TOKENS = re.compile(_STRING + r'"?|[\[\]{}]', re.DOTALL)
_COMMAS = re.compile(f'({_STRING}")' + r"|,(?=\s*[\]}])", re.DOTALL)
_PAIRS = {"{": "}", "[": "]"}


def attempts(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield what may be JSON where a text is not, the best first, and what was done to it.

    Parameters
    ----------
    text : str
        Of a file.

    Examples
    --------
    >>> list(attempts('{"cells": [{"source": "a,]"},], }'))[0][0]
    '{"cells": [{"source": "a,]"}] }'
    >>> list(attempts('{"cells": [{"source": "a"}, {"sour'))[-1][0]
    '{"cells": [{"source": "a"}]}'
    """
    versions = sorted(_versions(text), key=len, reverse=True)
    conflict = [CONFLICT] if len(versions) > 1 else []
    for version in versions:
        bare = _COMMAS.sub(lambda found: found[1] or "", version)
        said = conflict + ([COMMAS] if bare != version else [])
        whole, why = _whole(bare)
        if said:
            yield bare, "; ".join(said)
        if why:
            yield whole, "; ".join([*said, why])


def _versions(text: str) -> list[str]:
    """Return both sides of git's conflicts, or the text alone where there are none."""
    sides: tuple[list[str], list[str]] = ([], [])
    to: tuple[int, ...] = (0, 1)
    found = False
    for line in text.splitlines(keepends=True):
        if line.startswith("<<<<<<< "):
            to, found = (0,), True
        elif to == (0,) and line.startswith("||||||| "):
            to = ()  # what both sides began with
        elif len(to) < 2 and line.startswith("=======") and not line.strip("=\r\n"):
            to = (1,)
        elif to == (1,) and line.startswith(">>>>>>> "):
            to = (0, 1)
        else:
            for side in to:
                sides[side].append(line)
    return ["".join(side) for side in sides] if found else [text]


def _whole(text: str) -> tuple[str, str]:
    """Return a text up to where it ends, or closed where it breaks off; and which of both."""
    opened: list[str] = []
    kept, closing = 0, ""
    for token in _TOKENS.finditer(text):
        if token[0] in _PAIRS:
            opened.append(token[0])
        elif token[0] in ("]", "}"):
            if not opened or _PAIRS[opened.pop()] != token[0]:
                break
            if not opened:
                rest = text[token.end() :]
                return text[: token.end()], MORE if rest.strip() else ""
            if opened in (["{"], ["{", "["]):  # behind a value of the notebook's, or a cell
                kept, closing = token.end(), "".join(_PAIRS[one] for one in reversed(opened))
    return text[:kept] + closing, BROKEN_OFF if kept else ""
