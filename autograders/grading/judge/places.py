"""Attributes of modules that a check may put something else in place of, as its source says.

A check may replace ``np.linalg.solve`` by a function that fails, or ``builtins.input`` by one that
answers: what it calls has to meet the replacement, on whichever side of the crossing it runs.
:mod:`.plan` leans on it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")


def places(sources: Iterable[str]) -> set[str]:
    """Return the attributes that cells assign to, delete or name to a function that patches.

    Parameters
    ----------
    sources : iterable of str
        Cells, as plain Python; what is none says nothing.

    Examples
    --------
    >>> sorted(places(["import numpy as np", "np.linalg.solve = None"]))
    ['numpy.linalg.solve']
    >>> sorted(places(["with mock.patch('builtins.input', ask): greet()"]))
    ['builtins.input']
    >>> sorted(places(["import os", "with patch.object(os, 'listdir'): names()"]))
    ['os.listdir']
    """
    trees = list(_trees(sources))
    modules = {"__builtins__": "builtins"}
    for tree in trees:
        modules |= _imports(tree)
    return {place for tree in trees for node in ast.walk(tree) for place in _of(node, modules)}


def _trees(sources: Iterable[str]) -> Iterator[ast.Module]:
    for source in sources:
        try:
            yield ast.parse(source)
        except (SyntaxError, ValueError):
            continue


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return what imports bind names to, by the name."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _of(node: ast.AST, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield the attributes that one statement or call puts something in place of."""
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        place = _dotted(node, modules)
        if place is not None:
            yield place
    elif isinstance(node, ast.Call) and node.args:
        first, *rest = node.args
        if isinstance(first, ast.Constant):
            if (
                _calls(node, "patch")
                and isinstance(first.value, str)
                and _DOTTED.match(first.value)
            ):
                yield first.value
        elif rest and isinstance(rest[0], ast.Constant) and isinstance(rest[0].value, str):
            owner = _dotted(first, modules)
            if owner is not None and _calls(node, "object", "setattr", "delattr", "multiple"):
                yield f"{owner}.{rest[0].value}"


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _calls(node: ast.Call, *names: str) -> bool:
    function = node.func
    last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return last in names


def _dotted(node: ast.expr, modules: Mapping[str, str]) -> str | None:
    """Return the full name of what an expression such as ``np.linalg`` names, None for others."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in modules:
        return None
    return ".".join([modules[node.id], *parts])
