"""What a cell does with the names of its notebook, read from its source.

Nothing is run: :func:`names_of` goes through a cell in the order in which it would run, and tells
which names it needs, binds and changes. It leans on Python's own parser and on IPython's, which
knows magics; :mod:`.plan` leans on it.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

# Magics that run what is written behind them, and options that may come before it.
_MAGIC = ("run_line_magic", "run_cell_magic")
_RUN = frozenset({"capture", "memit", "mprun", "prun", "time", "timeit"})
# Methods of Python's containers that change them.
_FILLING = frozenset(
    {
        *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert"),
        *("pop", "popitem", "popleft", "remove", "reverse", "setdefault", "sort", "update"),
    }
)
_OPTIONS = re.compile(r"^\s*(?:-\w+\s*\d*\s+)*")


@lru_cache(maxsize=2048)  # a lab's cells are the same for the whole class
def plain_python(source: str) -> str:
    """Return a cell without what only IPython understands."""
    return TransformerManager().transform_cell(source)


def empty_lines(source: str) -> int:
    r"""Return how many empty lines a cell begins with, which IPython does not count.

    Examples
    --------
    >>> empty_lines("\n \nassert x")
    2
    """
    return source[: len(source) - len(source.lstrip())].count("\n")


@dataclass(frozen=True)
class Names:
    """What a cell does with names of the notebook.

    Attributes
    ----------
    uses : frozenset of str
        Names that something else must have bound.
    later : frozenset of str
        Names that its functions look up when they are called, its own among them.
    binds : frozenset of str
        Names that it binds.
    changes : frozenset of str
        Names whose objects it may change: it assigns to a part of them, or calls them for it.
    fills : frozenset of tuple of str
        A function of its own, or a class, and a name whose object that may change or bind anew.
    rebinds : frozenset of str
        Names that its functions declare as global.
    deletes : frozenset of str
        Names that it deletes.
    """

    uses: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    fills: frozenset[tuple[str, str]] = frozenset()
    rebinds: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()


@lru_cache(maxsize=2048)
def names_of(source: str) -> Names:
    r"""Return what a cell does with names; nothing if it is no Python.

    Examples
    --------
    >>> found = names_of("y = f(x)\ndef g():\n    return z + y\nlayer.weight[0] = 1")
    >>> sorted(found.uses), sorted(found.binds), sorted(found.changes)
    (['f', 'layer', 'x', 'z'], ['g', 'y'], ['layer'])
    >>> names_of("calls = []\ndef f(x):\n    calls.append(x)").fills
    frozenset({('f', 'calls')})
    """
    try:
        tree = ast.parse(plain_python(source))
    except (SyntaxError, ValueError):
        return Names()
    reader = _Names()
    reader.body(tree.body)
    uses = (reader.uses | (reader.later - reader.binds)) - set(dir(builtins))
    return Names(
        uses=frozenset(uses),
        later=frozenset(reader.later),
        binds=frozenset(reader.binds),
        changes=frozenset(reader.changes),
        fills=frozenset(reader.fills),
        rebinds=frozenset(reader.rebinds),
        deletes=frozenset(reader.deletes),
    )


class _Names(ast.NodeVisitor):
    """Goes through a cell in the order in which it runs."""

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.later: set[str] = set()
        self.binds: set[str] = set()
        self.changes: set[str] = set()
        self.filled: set[str] = set()  # of those that it changes, those that leave no doubt
        self.fills: set[tuple[str, str]] = set()
        self.rebinds: set[str] = set()
        self.deletes: set[str] = set()

    def body(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            if node.id not in self.binds:
                self.uses.add(node.id)
        else:
            self.binds.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.target(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.target(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        base = _base(node.target)
        if base is not None:
            self.changes.add(base)
            self.filled.add(base)
            if base not in self.binds:
                self.uses.add(base)
        self.target(node.target)

    def target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                self.target(part)
        elif isinstance(node, ast.Starred):
            self.target(node.value)
        elif isinstance(node, ast.Name):
            self.binds.add(node.id)
        else:
            base = _base(node)
            if base is not None:
                self.changes.add(base)
                self.filled.add(base)
            for child in ast.iter_child_nodes(node):
                self.visit(child)

    def visit_Expr(self, node: ast.Expr) -> None:
        self.visit(node.value)
        call = node.value
        if isinstance(call, ast.Await):
            call = call.value
        if not isinstance(call, ast.Call):
            return
        if isinstance(call.func, ast.Name):
            if not hasattr(builtins, call.func.id) or call.func.id in ("setattr", "delattr"):
                values = [*call.args, *(keyword.value for keyword in call.keywords)]
                self.changes |= {base for value in values if (base := _base(value))}
        elif (base := _base(call.func)) is not None:
            self.changes.add(base)
            if isinstance(call.func, ast.Attribute) and call.func.attr in _FILLING:
                self.filled.add(base)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        name = node.left.value if isinstance(node.left, ast.Constant) else None
        if isinstance(name, str) and any(map(_all_names, node.comparators)):
            self.uses |= {name} - self.binds

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        name = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(name, str) and _all_names(node.value):
            self.uses |= {name} - self.binds

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _MAGIC:
            return
        words = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if words and words[0] in _RUN and isinstance(words[-1], str):
            try:
                self.body(ast.parse(plain_python(_OPTIONS.sub("", words[-1]))).body)
            except (SyntaxError, ValueError):
                return  # options alone

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self.target(node.target)
        self.body(node.body)
        self.body(node.orelse)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.branches([node.body, node.orelse])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self.branches([node.body, node.orelse])

    def branches(self, bodies: Sequence[Sequence[ast.stmt]]) -> None:
        """Go through bodies of which not all run: what one binds, another may have to find."""
        before = set(self.binds)
        bound: set[str] = set()
        for statements in bodies:
            self.binds = set(before)
            self.body(statements)
            bound |= self.binds
        self.binds = bound

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        for outside in (*node.decorator_list, *arguments.defaults, *arguments.kw_defaults):
            if outside is not None:
                self.visit(outside)
        self.binds.add(node.name)
        free, changed = _function(node)
        self.later |= free
        self.fills |= {(node.name, name) for name in changed}
        declared = _declared(node)
        self.binds |= declared
        self.rebinds |= declared

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for outside in (*node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        self.later |= _function(node)[0]

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(outside)
        inner = _Names()
        inner.binds = set(self.binds)
        inner.body(node.body)
        self.uses |= inner.uses
        self.later |= inner.later
        self.rebinds |= inner.rebinds
        self.fills |= {(node.name, name) for _, name in inner.fills}
        self.binds.add(node.name)

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        inner = _Names()
        inner.binds = set(self.binds)
        for generator in node.generators:
            inner.visit(generator.iter)
            inner.target(generator.target)
            for condition in generator.ifs:
                inner.visit(condition)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            inner.visit(part)
        self.uses |= inner.uses
        self.later |= inner.later

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = comprehension

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.binds |= {alias.asname or alias.name.split(".")[0] for alias in node.names}

    visit_ImportFrom = visit_Import

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.binds.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.binds.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.binds.add(node.rest)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.uses |= {target.id} - self.binds
                self.binds.discard(target.id)
                self.deletes.add(target.id)
            else:
                self.target(target)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self.binds.add(node.name)
        self.body(node.body)


def bound_by(node: ast.AST) -> set[str]:
    """Return the names that a statement binds."""
    reader = _Names()
    reader.visit(node)
    return reader.binds


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
) -> tuple[set[str], set[str]]:
    """Return the names that a function does not bind itself, and those that it may change."""
    arguments = node.args
    own = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    own |= {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}
    inner = _Names()
    if isinstance(node, ast.Lambda):
        inner.visit(node.body)
    else:
        inner.body(node.body)
    declared = _declared(node)
    own |= inner.binds - declared
    changed = inner.filled | {name for _, name in inner.fills} | (declared & inner.binds)
    return ((inner.uses | inner.later) - own) | declared, changed - own


def _all_names(node: ast.expr) -> bool:
    """Return whether an expression is ``globals()``, say: all names of a notebook."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("dir", "globals", "locals", "vars")
        and not node.args
    )


def _declared(node: ast.AST) -> set[str]:
    """Return the names that a function declares as global."""
    return {n for part in ast.walk(node) if isinstance(part, ast.Global) for n in part.names}


def _base(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a cell; none if it is no Python."""
    try:
        return ast.parse(plain_python(source)).body
    except (SyntaxError, ValueError):
        return []
