"""What a command prints: any name can be shown, and no name can forge a line.

It leans on nothing.
"""

from __future__ import annotations

import io
import sys


def print_any_name() -> None:
    """Have names that a console cannot show printed as escapes, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def one_line(text: str) -> str:
    r"""Return text with escapes in place of whatever a terminal does not print as a character.

    Names and messages that somebody else wrote may hold line ends, orders to a terminal, or marks
    that turn the direction of writing: with them, a line could be forged.

    Examples
    --------
    >>> print(one_line("ada\x1b[2K\r\nbob: 10 points\u202e, Zoë"))
    ada\x1b[2K\r\nbob: 10 points\u202e, Zoë
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )
