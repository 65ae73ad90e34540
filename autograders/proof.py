"""Say which checks demonstrably ran; :mod:`autograders.execute` leans on it."""

from __future__ import annotations

import ast
from typing import Any

from nbformat import NotebookNode


class Proof:
    """Evidence about one notebook's checks, gathered while it runs."""

    def __init__(self, nb: NotebookNode, parent: Any = None) -> None:
        self.found: dict[str, str] = {}

    def before(self, runner: Any, cell: NotebookNode) -> None:
        """Gather evidence before a check runs."""

    def after(self, runner: Any, cell: NotebookNode) -> None:
        """Gather evidence after a check has run."""

    def finish(self, runner: Any) -> None:
        """Gather evidence after the last cell."""

    def verdict(self) -> dict[str, str]:
        """Return, by grade id, why a check's points cannot be given."""
        return self.found


def last_is_expression(source: str) -> bool:
    """Return whether a cell's last statement is an expression, whose value is a result."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return bool(body) and isinstance(body[-1], ast.Expr)
