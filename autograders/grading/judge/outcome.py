"""What came of a check, in words.

Of a hidden part a student learns the constant text of the assertion that failed, or the type of an
error, and nothing else: no value, no name, nothing that the answer said. Of a visible part they
learn everything, as long as their Python has not met a hidden part. Afterwards an answer could tell
what it saw there, so values are filled in only if they are numbers or single words, as they are in
nearly every message.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from typing import Any

from autograders.grading.judge.plan import plain_python

STOPPED = "This cell ran for too long and was stopped."
_UNREAD = "what the answer passed to this check could not be read"
_GONE = "the answer ended Python, or the conversation with the check"
_HERE = "the check could not be completed"
OPEN, MET, HIDDEN = "open", "met", "hidden"  # how much a student may learn
# Values in a message: numbers, shapes, single words. Source code does not look like this.
_PLAIN = re.compile(
    r"(?:True|False|None|nan|inf|[-+]?[0-9][0-9_.,]{0,15}(?:e[-+]?[0-9]{1,3})?\s?%?|"
    r"np\.\w{1,8}\([-+0-9.e]{1,20}\)|[\[(][-+0-9., e]{0,30}[\])]|[A-Za-z]{1,12})\Z"
)


def reason(outcome: Mapping[str, Any], source: str, openness: str) -> str:
    """Return why a check failed, for its student.

    Parameters
    ----------
    outcome : mapping
        What the judge said.
    source : str
        The whole check.
    openness : str
        ``OPEN``: a visible part failed, in a Python that has met no hidden part; ``MET``: it has;
        ``HIDDEN``: a hidden part failed.

    Examples
    --------
    >>> check = 'assert share(x) == 0.5, f"half of {x} is zero, got {share(x)}"'
    >>> failed = {"outcome": "error", "ename": "AssertionError", "line": 1}
    >>> said = failed | {"evalue": "half of x = [0, secret()] is zero, got 0.25"}
    >>> reason(said, check, OPEN)
    'half of x = [0, secret()] is zero, got 0.25'
    >>> reason(said, check, MET)
    'half of … is zero, got 0.25'
    >>> reason(said, check, HIDDEN)
    'half of … is zero, got …'
    >>> reason(failed | {"ename": "KeyError", "evalue": "'secret'"}, check, HIDDEN)
    'KeyError: the check could not be completed'
    """
    kind, open_ = outcome["outcome"], openness == OPEN
    said = str(outcome.get("evalue", ""))
    if kind == "late":
        return STOPPED
    if kind == "gone":
        return _GONE
    if kind == "refused":
        return f"{_UNREAD}: {said}" if open_ else _UNREAD
    if kind != "error":
        return said
    name = outcome["ename"]
    if name == "AssertionError":
        if open_ and said:
            return said
        return constant_text(source, outcome["line"], said if openness == MET else "") or name
    if open_:
        return f"{name}: {said}" if said else name
    known = isinstance(getattr(builtins, name, None), type)
    return f"{name if known else 'an error'}: {_HERE}"


def constant_text(source: str, line: int, said: str = "") -> str:
    r"""Return what the message of an assertion says apart from values, '' if it has none.

    Parameters
    ----------
    source, line : str, int
        The check, and where the assertion stands.
    said : str, optional
        The message with its values, of which plain ones are filled in.

    Examples
    --------
    >>> constant_text('x = 1\nassert x == 2, "one is not two"', 2)
    'one is not two'
    >>> constant_text('assert x == 2, f"{x} is not two"', 1, "1 is not two")
    '1 is not two'
    >>> constant_text("assert x, said", 1)
    ''
    """
    for node in _assertions(source):
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            parts = _parts(node.msg)
            if not any(part.strip() for part in parts):
                return ""
            found = re.fullmatch("(.*?)".join(map(re.escape, parts)), said, re.DOTALL)
            values = found.groups() if found else ("",) * (len(parts) - 1)
            filled = [value if _PLAIN.match(value) else "…" for value in values]
            return parts[0] + "".join(
                value + part for value, part in zip(filled, parts[1:], strict=True)
            )
    return ""


def _parts(message: ast.expr | None) -> list[str]:
    """Return the text of a message between the values that are filled in."""
    if isinstance(message, ast.Constant) and isinstance(message.value, str):
        return [message.value]
    parts = [""]
    for piece in message.values if isinstance(message, ast.JoinedStr) else ():
        if isinstance(piece, ast.Constant):
            parts[-1] += str(piece.value)
        else:
            parts.append("")
    return parts


def _assertions(source: str) -> Iterator[ast.Assert]:
    """Yield assertions, the innermost before those around it."""
    try:
        tree = ast.parse(plain_python(source))
    except (SyntaxError, ValueError):
        return
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    yield from sorted(found, key=lambda node: (node.end_lineno or 0) - node.lineno)
