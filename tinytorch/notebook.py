"""In a notebook, an error says first what is wrong, and then where.

IPython prints the message of an error below its traceback: out of sight when the traceback is
long, and always in nbgrader's *Validate*. Importing ``tinytorch`` in a notebook turns the two
around. Leans on IPython's formatter of tracebacks, where IPython is running; nothing leans on it.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any

_HEADING = "Traceback (most recent call last)"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def put_messages_first() -> None:
    """Have the IPython that is running, if any, show an error's message above its traceback.

    Plain Python is left as it is, and so is every kernel in which nbgrader grades.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None and os.environ.get("NBGRADER_EXECUTION") != "autograde":
        turn_around(shell)


def turn_around(shell: Any) -> None:
    """Show the messages of a shell's errors above their tracebacks, from now on.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell

    Examples
    --------
    >>> from IPython.core.interactiveshell import InteractiveShell
    >>> shell = InteractiveShell(colors="nocolor")
    >>> turn_around(shell)
    >>> _ = shell.run_cell("assert 2 <= 1, 'a fraction'")  # doctest: +ELLIPSIS
    AssertionError: a fraction
    <BLANKLINE>
    ...
    ----> 1 assert 2 <= 1, 'a fraction'
    <BLANKLINE>
    """
    formatter = shell.InteractiveTB
    if getattr(formatter, "message_first", False):
        return
    usual = formatter.structured_traceback

    def structured_traceback(kind: Any = None, error: Any = None, *where: Any, **how: Any) -> Any:
        lines = usual(kind, error, *where, **how)
        if not isinstance(error, BaseException):
            return lines
        return _message_first(lines, formatter.get_exception_only(kind, error))

    formatter.structured_traceback = structured_traceback
    formatter.message_first = True


def _message_first(lines: list[str], said: list[str]) -> list[str]:
    """Put what ends a traceback above it, without the heading that says the error's name again."""
    where, ending = lines[: -len(said)], lines[-len(said) :]
    if not where or [*map(_plain, ending)] != [*map(_plain, said)]:
        return lines
    headings = [number for number, line in enumerate(where) if _HEADING in line]
    if len(headings) == 1:  # with more, one error led to another
        where = where[headings[0] + 1 :]
    return [*ending, "", *where]


def _plain(line: str) -> str:
    return _COLOURS.sub("", line).rstrip("\n")
