"""The visible and the hidden parts of a check.

nbgrader cuts the hidden ones from what students get; here they are judged by themselves, and a
student learns less of them. :mod:`.plan` and :mod:`.outcome` lean on it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from autograders.grading.judge.names import plain_python

BEGIN = ClearHiddenTests.begin_test_delimeter.default_value
END = ClearHiddenTests.end_test_delimeter.default_value


@dataclass(frozen=True)
class Marks:
    """What stands around what a release cuts out of a course's cells.

    Attributes
    ----------
    begin, end : str
        Around hidden tests.
    solution : str
        Before a solution.
    """

    begin: str = BEGIN
    end: str = END
    solution: str = ClearSolutions.begin_solution_delimeter.default_value


def marks_in(config: Config) -> Marks:
    """Return a course's marks, as its settings have them."""
    hidden, cleared = ClearHiddenTests(config=config), ClearSolutions(config=config)
    return Marks(
        hidden.begin_test_delimeter,
        hidden.end_test_delimeter,
        cleared.begin_solution_delimeter,
    )


def is_check(cell: NotebookNode) -> bool:
    """Return whether a cell is graded by running it."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


@dataclass(frozen=True)
class Part:
    """A piece of a check, with as many empty lines before it that its lines keep their numbers.

    Attributes
    ----------
    source : str
        The code.
    hidden : bool
        Whether it is none of a student's business.
    """

    source: str
    hidden: bool


@lru_cache(maxsize=2048)
def parts_of(source: str, begin: str = BEGIN, end: str = END) -> tuple[Part, ...]:
    r"""Return the visible and the hidden parts of a check, in order.

    A check that cannot be cut there, since the mark stands inside of a block, is hidden as a whole.

    Examples
    --------
    >>> check = "assert a\n### BEGIN HIDDEN TESTS\nassert b\n### END HIDDEN TESTS"
    >>> [(part.source, part.hidden) for part in parts_of(check)]
    [('assert a', False), ('\n\nassert b', True)]
    """
    lines = source.split("\n")
    kinds: list[bool | None] = []
    hidden = False
    for line in lines:
        if begin in line:
            hidden = True
            kinds.append(None)
        elif end in line:
            hidden = False
            kinds.append(None)
        else:
            kinds.append(hidden)
    if True not in kinds:
        return (Part(source, False),)
    found: list[list[int]] = []
    current: bool | None = None
    for number, kind in enumerate(kinds):
        if kind is not None and kind == current:
            found[-1][1] = number
        elif kind is not None:
            found.append([number, number, kind])
        current = kind
    parts = [
        Part("\n" * start + "\n".join(lines[start : last + 1]), bool(kind))
        for start, last, kind in found
        if any(line.strip() for line in lines[start : last + 1])
    ]
    whole = (Part(source, True),)
    try:
        for part in parts:
            if part.source.lstrip("\n")[:1].isspace():
                return whole  # it stands inside of a block
            ast.parse(plain_python(part.source))
    except (SyntaxError, ValueError):
        return whole
    return tuple(parts)
