"""What came of a check, in words.

Of a hidden part a student learns the constant text of the assertion that failed, or the type of an
error, and nothing else: no value, no name, nothing that the answer said. Of a visible part they
learn everything.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from typing import Any

from autograders.grading.judge.names import empty_lines, plain_python

STOPPED = "This cell ran for too long and was stopped."
_UNREAD = "what the answer passed to this check could not be read"
_GONE = "the answer ended Python, or the conversation with the check"
_HERE = "the check could not be completed"


def reason(outcome: Mapping[str, Any], source: str, openly: bool) -> str:
    """Return why a check failed, for its student.

    Parameters
    ----------
    outcome : mapping
        What the judge said.
    source : str
        The whole check.
    openly : bool
        Whether a visible part failed, in a Python that has met no hidden part.

    Examples
    --------
    >>> check = 'assert share(x) == 0.5, f"half of {x} is zero, got {share(x)}"'
    >>> failed = {"outcome": "error", "ename": "AssertionError", "line": 1}
    >>> said = failed | {"evalue": "half of x = [0, secret()] is zero, got 0.25"}
    >>> reason(said, check, openly=True)
    'half of x = [0, secret()] is zero, got 0.25'
    >>> reason(said, check, openly=False)
    'half of … is zero, got …'
    >>> reason(failed | {"ename": "KeyError", "evalue": "'secret'"}, check, openly=False)
    'KeyError: the check could not be completed'
    """
    kind = outcome["outcome"]
    said = str(outcome.get("evalue", ""))
    if kind == "late":
        return STOPPED
    if kind == "gone":
        return _GONE
    if kind == "refused":
        return f"{_UNREAD}: {said}" if openly else _UNREAD
    if kind != "error":
        return said
    name = outcome["ename"]
    if name == "AssertionError":
        if openly and said:
            return said
        return constant_text(source, outcome["line"]) or name
    if openly:
        return f"{name}: {said}" if said else name
    known = isinstance(getattr(builtins, name, None), type)
    return f"{name if known else 'an error'}: {_HERE}"


def constant_text(source: str, line: int) -> str:
    r"""Return what the message of an assertion says apart from values, '' if it has none.

    Parameters
    ----------
    source, line : str, int
        The check, and where the assertion stands.

    Examples
    --------
    >>> constant_text('x = 1\nassert x == 2, "one is not two"', 2)
    'one is not two'
    >>> constant_text('assert x == 2, f"{x} is not two"', 1)
    '… is not two'
    >>> constant_text("assert x, said", 1)
    ''
    """
    for node in _assertions(source):
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            parts = _parts(node.msg)
            return "…".join(parts) if any(part.strip() for part in parts) else ""
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
        tree = ast.increment_lineno(ast.parse(plain_python(source)), empty_lines(source))
    except (SyntaxError, ValueError):
        return
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    yield from sorted(found, key=lambda node: (node.end_lineno or 0) - node.lineno)
