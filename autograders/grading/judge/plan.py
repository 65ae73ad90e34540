"""What of a lab's source a check needs.

The judge runs the course's own cells: the locked ones, and of the others those that bind a name
that a check uses. A name that an answer binds is asked for in the student's kernel. All this is
read from the source, without running anything.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbgrader.utils import is_grade, is_locked, is_solution

from autograders.grading.judge.places import places

SOLUTION = ClearSolutions.begin_solution_delimeter.default_value
BEGIN = ClearHiddenTests.begin_test_delimeter.default_value
END = ClearHiddenTests.end_test_delimeter.default_value


BESIDE = "beside"  # the tag of a check that runs in the student's Python, as in stock nbgrader
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
_HERE = "__main__."  # what a name of the notebook begins with where it is written in full
_OPTIONS = re.compile(r"^\s*(?:-\w+\s*\d*\s+)*")


def is_check(cell: NotebookNode) -> bool:
    """Return whether a cell is graded by running it."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


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


def _bound(node: ast.AST) -> set[str]:
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


def _declared(node: ast.AST) -> set[str]:
    """Return the names that a function declares as global."""
    return {n for part in ast.walk(node) if isinstance(part, ast.Global) for n in part.names}


def _base(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


@dataclass(frozen=True)
class Step:
    """A cell for the judge to run.

    Attributes
    ----------
    position : int
        Which of the lab's cells with code it is.
    source : str
        The cell.
    ask : tuple of str
        Names that it takes from the answers.
    """

    position: int
    source: str
    ask: tuple[str, ...]


@dataclass(frozen=True)
class Lent:
    """A hidden part that another one leans on.

    Attributes
    ----------
    source : str
        The code.
    ask : tuple of str
        Names that it takes from the answers.
    old : tuple of str
        Names that it binds, and that something else has bound since.
    """

    source: str
    ask: tuple[str, ...]
    old: tuple[str, ...]


@dataclass(frozen=True)
class _Event:
    """A cell, or a part of a check, and what it does with names."""

    position: int
    name: str
    number: int
    source: str
    hidden: bool
    does: Names


@dataclass
class Plan:
    """What the judge has to run of a lab, and when.

    Parameters
    ----------
    cells : sequence of NotebookNode
        The lab's cells with code, as the course has them.
    """

    cells: Sequence[NotebookNode]
    names: list[Names] = field(init=False)

    def __post_init__(self) -> None:
        self.names = [names_of(cell.source) for cell in self.cells]
        imported = {
            alias.asname or alias.name
            for cell in self.cells
            for node in _statements(cell.source)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        self.modules = frozenset(imported)

    @property
    def checks(self) -> dict[str, int]:
        """The positions of checks, by grade id."""
        return {c.metadata.nbgrader["grade_id"]: n for n, c in enumerate(self.cells) if is_check(c)}

    def beside(self, name: str) -> bool:
        """Return whether the instructor wants a check to run beside the answer."""
        return BESIDE in self.cells[self.checks[name]].metadata.get("tags", ())

    def steps(self, name: str) -> list[Step]:
        """Return what has to have been run for a check, in order, and the check itself as last."""
        last = self.checks[name]
        needed = {last}
        needed |= {n for n in range(last) if is_locked(self.cells[n]) and self._is_course(n)}
        todo = list(needed)
        while todo:
            position = todo.pop()
            found = set(self._needed(position)) - needed
            needed |= found
            todo += found
        order = sorted(needed)
        return [Step(n, self.cells[n].source, self._ask(n, order)) for n in order]

    def parts(self, name: str) -> tuple[Part, ...]:
        """Return the parts of a check; the first one is visible, and may be empty."""
        parts = parts_of(self.cells[self.checks[name]].source)
        return (Part("", False), *parts) if parts[0].hidden else parts

    def before(self, name: str, number: int) -> list[Lent]:
        """Return the hidden parts of which a hidden part needs something, in order.

        Each of them is judged in copies that nothing else ever sees, so that one that leans on
        what another has bound has to run that one too.
        """
        events = self._events
        at = next(n for n, e in enumerate(events) if (e.name, e.number) == (name, number))
        needed: set[int] = set()
        todo = [at]
        while todo:
            position = todo.pop()
            for used in events[position].does.uses:
                for n in reversed(range(position)):
                    binds = used in events[n].does.binds
                    if events[n].hidden and (binds or used in events[n].does.changes):
                        todo += {n} - needed
                        needed.add(n)
                    if binds:
                        break
        lent = []
        for n in sorted(needed):
            since = [event.does.binds for event in events[n:at] if not event.hidden]
            old = events[n].does.binds & frozenset().union(*since)
            ask = self._ask(events[n].position, [])
            lent.append(Lent(events[n].source, ask, tuple(sorted(old))))
        return lent

    @cached_property
    def _events(self) -> list[_Event]:
        """The lab's cells with code and the parts of its checks, in order."""
        found = []
        for n, cell in enumerate(self.cells):
            if not is_check(cell):
                found.append(_Event(n, "", 0, cell.source, False, self.names[n]))
                continue
            name = cell.metadata.nbgrader["grade_id"]
            for number, part in enumerate(self.parts(name)):
                does = names_of(part.source)
                found.append(_Event(n, name, number, part.source, part.hidden, does))
        return found

    def over(self, name: str) -> list[str]:
        """Return the names that checks bind up to this one, and no cell uses after it.

        What they are bound to need not be kept equal on both sides any longer.
        """
        last = self.checks[name]
        ours = [(self.names[n], n, is_check(self.cells[n])) for n in self._run]
        wanted: set[str] = set()
        for names, n, check in ours:
            wanted |= names.uses if n > last else set()
            wanted |= set() if check else names.binds | names.later
        before = [names for names, n, check in ours if check and n <= last]
        while (
            more := {name for names in before if names.binds & wanted for name in names.later}
            - wanted
        ):
            wanted |= more
        return sorted({name for names in before for name in names.binds} - wanted)

    @cached_property
    def _run(self) -> list[int]:
        """The positions of all cells that the judge may ever run."""
        return sorted({step.position for name in self.checks for step in self.steps(name)})

    def imports(self) -> set[str]:
        """Return the packages that the lab imports."""
        found = set()
        for cell in self.cells:
            for node in _statements(cell.source):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
        return found

    def _asked(self, position: int) -> bool:
        """Return whether what a cell binds comes from the student's kernel.

        A cell out of which a release cuts something is for students to fill in, however it is
        marked.
        """
        cell = self.cells[position]
        return is_solution(cell) or (SOLUTION in cell.source and not is_check(cell))

    def _is_course(self, position: int) -> bool:
        """Return whether a cell is the course's own, and no check."""
        return not self._asked(position) and not is_check(self.cells[position])

    def _needed(self, position: int) -> Iterator[int]:
        """Yield the cells of the course's own that a cell needs directly."""
        for name in self.names[position].uses:
            if name in self.modules:
                yield from self._binders(name, position)
                continue
            for n in range(position):
                changed = name in self.names[n].binds or name in self.names[n].changes
                if changed and self._is_course(n):
                    yield n

    def _binders(self, name: str, position: int) -> Iterator[int]:
        for n in reversed(range(position)):
            if name in self.names[n].binds and self._is_course(n):
                yield n
                return

    def _ask(self, position: int, order: Sequence[int]) -> tuple[str, ...]:
        """Return the names that a cell, and functions of cells before it, take from answers."""
        wanted = set(self.names[position].uses)
        for n in order:
            if n < position:
                wanted |= self.names[n].later
        return tuple(sorted(name for name in wanted if self._is_answer(name, position)))

    def _is_answer(self, name: str, position: int) -> bool:
        """Return whether the last cell before a position that binds a name is an answer.

        An answer that fills what a cell of the course's own has made counts too, by itself or by
        a function of such a cell.
        """
        filling = self._filling(name, position)
        for n in reversed(range(position)):
            names = self.names[n]
            fills = name in names.changes or name in {filled for _, filled in names.fills}
            fills = fills or not filling.isdisjoint(names.uses | names.later)
            filled = self._asked(n) and fills and name not in self.modules
            if filled or name in names.binds:
                return self._asked(n)
        return False

    def _filling(self, name: str, position: int) -> set[str]:
        """Return the functions of the course's own that change what a name is bound to."""
        course = [n for n in range(position) if self._is_course(n)]
        return {f for n in course for f, filled in self.names[n].fills if filled == name}

    def surroundings(self, name: str) -> dict[str, list[str]]:
        """Return what a check may put something else in place of, where an answer would meet it.

        Returns
        -------
        dict
            ``names``: those that it binds or deletes, and answers look up, also later ones;
            ``back``: those that functions declare as global, so that answers bind them anew;
            ``places``: attributes of modules, by their names with dots; ``classes``: those of
            the course's own cells that both sides have.
        """
        last = self.checks[name]
        before = [n for n in range(last) if not is_check(self.cells[n])]
        met = {looked for n in before for looked in self.names[n].later}
        met |= {bound for n in before if self._asked(n) for bound in self.names[n].binds}
        after = [n for n in range(last, len(self.cells)) if not is_check(self.cells[n])]
        met |= {looked for n in after for looked in self.names[n].uses | self.names[n].later}
        back = {bound for n in before for bound in self.names[n].rebinds}
        ours = [n for n in (*before, last) if not self._asked(n)]
        found = places(plain_python(self.cells[n].source) for n in ours)
        here = {place.removeprefix(_HERE) for place in found if place.startswith(_HERE)}
        bound = self.names[last].binds | self.names[last].deletes
        return {
            "names": sorted((met & bound) | here | back),
            "back": sorted(back),
            "places": sorted(place for place in found if not place.startswith(_HERE)),
            "classes": sorted(
                node.name
                for step in self.steps(name)[:-1]
                for node in _statements(step.source)
                if isinstance(node, ast.ClassDef) and not self._asked(step.position)
            ),
        }

    def operators(self, name: str) -> dict[str, list[str]]:
        """Return the operators that answers before a check define for their classes, by class."""
        found: dict[str, set[str]] = {}
        for position in filter(self._asked, range(self.checks[name])):
            for node in _statements(self.cells[position].source):
                if isinstance(node, ast.ClassDef):
                    own = {n for statement in node.body for n in _bound(statement)}
                    if "total_ordering" in {_last(d) for d in node.decorator_list}:
                        own |= {"__lt__", "__le__", "__gt__", "__ge__"}
                    inherited = [found.get(_last(base), set()) for base in node.bases]
                    found[node.name] = own.union(*inherited)
        special = {kind: {n for n in names if n.startswith("__")} for kind, names in found.items()}
        return {kind: sorted(names) for kind, names in special.items() if names}


def _last(node: ast.expr) -> str:
    """Return the last name of an expression such as ``functools.total_ordering``."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(plain_python(source)).body
    except (SyntaxError, ValueError):
        return []


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
