r"""Macros in formulas: ``\newcommand`` and its like, which hold from there to the end of the page.

JupyterLab's MathJax keeps them from formula to formula. latex2mathml knows none, so they are
replaced here before it reads a formula, within limits: by a few letters a macro can become
millions. :mod:`.formulas` leans on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 5_000  # characters of a formula, before and after
MOST = 200  # macros of a page
STEPS = 1_000  # replacements in a formula
_DEFINE = re.compile(
    r"\\(?:(?P<new>(?:new|renew|provide)command\*?)|(?P<operator>DeclareMathOperator\*?)|"
    r"(?P<plain>def))(?![a-zA-Z])\s*"
)
_NAME = re.compile(r"\{\s*(\\(?:[a-zA-Z]+|[^a-zA-Z\s]))\s*\}|(\\(?:[a-zA-Z]+|[^a-zA-Z\s]))")
_COUNT = re.compile(r"\s*\[([1-9])\](?!\s*\[)")
_NUMBERED = re.compile(r"\s*((?:#[1-9])*)\s*")
_COMMAND = re.compile(r"\\(?:[a-zA-Z]+|[^a-zA-Z\s])")
_THIN = re.compile(r"\\[,:; ]")
_PLACE = re.compile(r"#([1-9])")


class Unread(ValueError):
    """A macro that is not understood, or becomes too much."""


class Macros:
    r"""The macros of a page, as far as it was read.

    Examples
    --------
    >>> macros = Macros()
    >>> macros.applied(r"\newcommand{\R}{\mathbb{R}}\newcommand\norm[1]{\lVert #1 \rVert}")
    ''
    >>> macros.applied(r"\norm{x + \norm y} \in \R^2")
    '\\lVert x + \\lVert y \\rVert \\rVert \\in \\mathbb{R}^2'
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, str]] = {}

    def applied(self, latex: str) -> str:
        """Return a formula without macros, of which those that it defines are remembered.

        Raises
        ------
        Unread
            If it defines one that is not understood, or becomes too long.
        """
        if not self._known and "\\" not in latex:
            return latex
        return self._replaced(self._without_definitions(latex))

    def _without_definitions(self, latex: str) -> str:
        kept, place = [], 0
        while found := _DEFINE.search(latex, place):
            kept.append(latex[place : found.start()])
            place = self._define(latex, found)
        return "".join([*kept, latex[place:]])

    def _define(self, latex: str, found: re.Match[str]) -> int:
        """Remember a macro; return where its definition ends."""
        named = _NAME.match(latex, found.end())
        if named is None or len(self._known) >= MOST:
            raise Unread
        name, place, count = named[1] or named[2], named.end(), 0
        if found["plain"]:
            parameters = _NUMBERED.match(latex, place)
            assert parameters is not None  # they may be none
            count, place = len(parameters[1]) // 2, parameters.end()
            if parameters[1] != "".join(f"#{n}" for n in range(1, count + 1)):
                raise Unread
        elif found["new"] and (counted := _COUNT.match(latex, place)):
            count, place = int(counted[1]), counted.end()
        body, place = _group(latex, place)
        if found["operator"]:
            body = rf"\operatorname{{{_THIN.sub(' ', body)}}}"
        if max((int(n) for n in _PLACE.findall(body)), default=0) > count:
            raise Unread
        self._known[name] = count, body
        return place

    def _replaced(self, latex: str) -> str:
        place = 0
        for _ in range(STEPS):
            found = _COMMAND.search(latex, place)
            if found is None:
                return latex
            if found[0] not in self._known:
                place = found.end()
                continue
            count, body = self._known[found[0]]
            values, end = [], found.end()
            for _ in range(count):
                value, end = _argument(latex, end)
                values.append(value)
            body = _filled(body, values)
            apart = " " if body[-1:].isalpha() and latex[end : end + 1].isalpha() else ""
            latex = f"{latex[: found.start()]}{body}{apart}{latex[end:]}"
            place = found.start()
            if len(latex) > LONGEST:
                break
        raise Unread


def _filled(body: str, values: Sequence[str]) -> str:
    return _PLACE.sub(lambda number: values[int(number[1]) - 1], body)


def _group(latex: str, place: int) -> tuple[str, int]:
    """Return what stands in braces, and where they end."""
    start = re.compile(r"\s*\{").match(latex, place)
    if start is None:
        raise Unread
    depth, place = 1, start.end()
    while depth and place < len(latex):
        depth += {"{": 1, "}": -1}.get(latex[place], 0)
        place += 2 if latex[place] == "\\" else 1
    if depth:
        raise Unread
    return latex[start.end() : place - 1], place


def _argument(latex: str, place: int) -> tuple[str, int]:
    """Return what a macro is given: what stands in braces, a command, or a letter."""
    found = re.compile(r"\s*(\{|\\(?:[a-zA-Z]+|[^a-zA-Z\s])|[^\s}])").match(latex, place)
    if found is None:
        raise Unread
    return _group(latex, place) if found[1] == "{" else (found[1], found.end())
