"""Stand-ins whose operators with the judge's values are the student's.

As a rule there are none: an object that says what ``x - 3`` is says whatever a check wants to hear.
But where a lab asks for a class with operators, ``Vector(1, 2) * 3`` is what is to be tested. So an
object speaks if the check made it itself, by calling a class for which the lab's own answer defines
that operator; what comes of its operators speaks too, but less.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any

MADE = 3  # by the check: it may be compared with values, too
AMONG = 2  # came of operators between such objects: operators alone, and with values
MIXED = 1  # came of an operator with a value: arithmetic with values
_COMPARISONS = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
_ALONE = {"__neg__", "__pos__", "__abs__", "__invert__", "__round__", "__float__", "__int__"}
_ALONE |= {"__index__", "__trunc__"}


class Speakers:
    """The objects that speak, and about what."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {}
        self.operators: Mapping[str, Sequence[str]] = {}
        self.levels: dict[int, tuple[Any, int]] = {}

    def hear(self, namespace: dict[str, Any], operators: Mapping[str, Sequence[str]]) -> None:
        """Begin a check: the names of classes, and the operators that answers define for them."""
        self.namespace, self.operators = namespace, operators

    def made(self, thing: Any, kind: type) -> Any:
        """Note that a check has called a class, and return what came of it."""
        name = kind.__name__
        if name in self.operators and self.namespace.get(name) is kind is type(thing):
            self._note(thing, MADE)
        return thing

    def said(self, thing: Any, one: Any, other: Any) -> Any:
        """Note what came of an operator, and return it; ``other``: None if that was a value."""
        if type(thing) is type(one):
            levels = [self._level(one), AMONG, MIXED if other is None else self._level(other)]
            if min(levels):
                self._note(thing, max(min(levels), self._level(thing)))
        return thing

    def may(self, thing: Any, operator: str) -> bool:
        """Return whether an object may say what an operator makes of it and a value."""
        if operator not in self.operators.get(type(thing).__name__, ()):
            return False
        needed = MADE if operator in _COMPARISONS else AMONG if operator in _ALONE else MIXED
        return self._level(thing) >= needed

    def _level(self, thing: Any) -> int:
        found = self.levels.get(id(thing))
        return found[1] if found is not None and found[0]() is thing else 0

    def _note(self, thing: Any, level: int) -> None:
        identity = id(thing)
        forget = self.levels.pop
        self.levels[identity] = weakref.ref(thing, lambda _: forget(identity, None)), level
