"""What of a lab's source a check needs.

The judge runs the course's own cells: the locked ones, and of the others those that bind a name
that a check uses. A name that an answer binds is asked for in the student's kernel. All this is
read from the source, without running anything. It leans on :mod:`.names`, :mod:`.parts` and
:mod:`.places`; :mod:`.process` and the grader's ``Execute`` lean on it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any, TypeVar

from nbformat import NotebookNode
from nbgrader.utils import is_locked, is_solution

from autograders.grading.judge.names import Names, bound_by, names_of, plain_python, statements
from autograders.grading.judge.parts import Marks, Part, is_check, parts_of
from autograders.grading.judge.places import places

BESIDE = "beside"  # the tag of a check that runs in the student's Python, as in stock nbgrader
_HERE = "__main__."  # what a name of the notebook begins with where it is written in full
_Method = TypeVar("_Method", bound=Callable[..., Any])


def _once(method: _Method) -> _Method:
    """Have a plan find out once what it is asked for every submission: the lab stays the same."""

    @wraps(method)
    def found_before(self: Plan, *asked: Any) -> Any:
        known = self.found.setdefault(method.__name__, {})
        if asked not in known:
            known[asked] = method(self, *asked)
        return known[asked]

    return found_before  # type: ignore[return-value]


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
    marks : Marks
        What stands around their hidden tests and solutions.
    """

    cells: Sequence[NotebookNode]
    marks: Marks = Marks()
    names: list[Names] = field(init=False)
    found: dict[str, dict[Any, Any]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.names = [names_of(cell.source) for cell in self.cells]
        imported = {
            alias.asname or alias.name
            for cell in self.cells
            for node in statements(cell.source)
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

    @_once
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

    @cached_property
    def answers(self) -> frozenset[str]:
        """The names that answers bind."""
        places = range(len(self.cells))
        return frozenset().union(*(self.names[n].binds for n in places if self._asked(n)))

    def used(self, source: str) -> frozenset[str]:
        """Return which names of the answers a cell uses."""
        does = names_of(source)
        return (does.uses | does.later) & self.answers

    @cached_property
    def asked(self) -> dict[str, frozenset[str]]:
        """Which names of the answers a check uses, with what it leans on, by grade id."""
        return {
            name: frozenset().union(*(step.ask for step in self.steps(name)))
            for name in self.checks
        }

    @_once
    def parts(self, name: str) -> tuple[Part, ...]:
        """Return the parts of a check; the first one is visible, and may be empty."""
        parts = self._parts[name]
        return (Part("", False), *parts) if parts[0].hidden else parts

    @cached_property
    def _parts(self) -> dict[str, tuple[Part, ...]]:
        """The parts of each check, by grade id.

        One that takes a name from a hidden part is hidden too: it cannot be run without that one.
        """
        found = {}
        kept: frozenset[str] = frozenset()  # names that a hidden part has bound last
        for cell, names in zip(self.cells, self.names, strict=True):
            if not is_check(cell):
                kept -= names.binds
                continue
            parts = []
            for part in parts_of(cell.source, self.marks.begin, self.marks.end):
                does = names_of(part.source)
                hidden = part.hidden or not kept.isdisjoint(does.uses)
                kept = kept | does.binds if hidden else kept - does.binds
                parts.append(replace(part, hidden=hidden))
            found[cell.metadata.nbgrader["grade_id"]] = tuple(parts)
        return found

    @_once
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

    @_once
    def over(self, name: str) -> list[str]:
        """Return the names that checks bind up to this one, and no cell uses after it.

        What they are bound to need not be kept equal on both sides any longer. A later part may
        have hidden parts run again that stand before, so that what those use is used after it.
        """
        last = self.checks[name]
        ours = [(self.names[n], n, is_check(self.cells[n])) for n in self._run]
        wanted: set[str] = set()
        for later in (other for other, n in self.checks.items() if n > last):
            for number, part in enumerate(self.parts(later)):
                for lent in self.before(later, number) if part.hidden else ():
                    wanted |= names_of(lent.source).uses | names_of(lent.source).later
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

    @cached_property
    def imports(self) -> frozenset[str]:
        """The packages that the lab imports."""
        found = set()
        for cell in self.cells:
            for node in statements(cell.source):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
        return frozenset(found)

    def _asked(self, position: int) -> bool:
        """Return whether what a cell binds comes from the student's kernel.

        A cell out of which a release cuts something is for students to fill in, however it is
        marked.
        """
        cell = self.cells[position]
        return is_solution(cell) or (self.marks.solution in cell.source and not is_check(cell))

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
        wanted = set(self.names[position].uses) | self._patched(position)
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

    @_once
    def _patched(self, position: int) -> set[str]:
        """Return the names of the notebook that a cell patches, written in full."""
        found = places([plain_python(self.cells[position].source)])
        return {place.removeprefix(_HERE) for place in found if place.startswith(_HERE)}

    @_once
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
        ours = [n for n in range(last + 1) if not self._asked(n)]  # a check may call another's
        found = places(plain_python(self.cells[n].source) for n in ours)
        here = {name for n in ours for name in self._patched(n)}
        bound = self.names[last].binds | self.names[last].deletes
        return {
            "names": sorted((met & bound) | here | back),
            "back": sorted(back),
            "places": sorted(place for place in found if not place.startswith(_HERE)),
            "classes": sorted(
                node.name
                for step in self.steps(name)[:-1]
                for node in statements(step.source)
                if isinstance(node, ast.ClassDef)
                and not any(
                    self._asked(n) and node.name in self.names[n].binds
                    for n in range(step.position, last)
                )
            ),
        }

    @_once
    def operators(self, name: str) -> dict[str, list[str]]:
        """Return the operators that answers before a check define for their classes, by class."""
        found: dict[str, set[str]] = {}
        for position in filter(self._asked, range(self.checks[name])):
            for node in statements(self.cells[position].source):
                if isinstance(node, ast.ClassDef):
                    own = {n for statement in node.body for n in bound_by(statement)}
                    if "total_ordering" in {_last(d) for d in node.decorator_list}:
                        own |= {"__lt__", "__le__", "__gt__", "__ge__"}
                    inherited = [found.get(_last(base), _built_in(base)) for base in node.bases]
                    found[node.name] = own.union(*inherited)
        special = {kind: {n for n in names if n.startswith("__")} for kind, names in found.items()}
        return {kind: sorted(names) for kind, names in special.items() if names}


def _built_in(node: ast.expr) -> set[str]:
    """Return what an expression such as ``list`` or ``NamedTuple`` defines as a class's base."""
    name = {"NamedTuple": "tuple", "IntEnum": "int", "StrEnum": "str"}.get(_last(node), _last(node))
    kind = getattr(builtins, name, object)
    plain = isinstance(kind, type) and kind.__base__ is object and kind is not BaseException
    return {name for name in dir(kind) if name.startswith("__")} if plain else set()


def _last(node: ast.expr) -> str:
    """Return the last name of an expression such as ``functools.total_ordering``."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
