"""How the state of each kind of object is written, and how an object is made of it.

One file for each kind. A course adds its own by :class:`~autograders.grading.crossing.peer.Course`.
Whether an object has changed is seen from the values that it holds: they have to be the same, not
equal ones. The table keeps them meanwhile, so nothing new can be taken for one of them.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from autograders.grading.crossing import plain
from autograders.grading.crossing.table import COPY, THEIRS, Entry

if TYPE_CHECKING:
    from autograders.grading.crossing.message import Reader, Writer


# Kinds of values that never change, and of what is written by its name.
_CONSTANT = frozenset({*plain.ATOMS, int, bytes, complex})
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
          np.generic, np.dtype)  # fmt: skip


def _are_settled(values: tuple[Any, ...], known: dict[int, Entry]) -> bool:
    """Return whether values never change, or are themselves looked at."""
    for value in values:
        kind = type(value)
        if kind in _CONSTANT or id(value) in known or issubclass(kind, _NAMED):
            continue
        if kind is not tuple or not _are_settled(value, known):
            return False
    return True


class Codec:
    """Writes objects of a kind, of which both sides have a copy.

    Attributes
    ----------
    tag : str
        What its nodes begin with.
    has_content : bool
        Whether a node has bytes of its own.
    """

    tag = ""
    kind = COPY
    has_content = False

    @property
    def other_kind(self) -> str:
        """What the object is for the side that reads it."""
        return COPY if self.kind == COPY else THEIRS

    def takes(self, kind: type) -> bool:
        """Return whether objects of exactly this class may be of this kind."""
        raise NotImplementedError

    def fits(self, thing: Any) -> bool:
        """Return whether an object of such a class is of this kind."""
        return True

    def parts(self, thing: Any, writer: Writer, entry: Entry) -> list[Any]:
        """Return an object's state, ready for JSON but for its bytes, which come last."""
        raise NotImplementedError

    def see(self, thing: Any) -> tuple[Any, ...] | None:
        """Return the very values that an object's state consists of, None if there are no such."""
        return None

    def is_as(self, thing: Any, seen: tuple[Any, ...]) -> bool:
        """Return whether an object's state consists of the same values, not only equal ones."""
        now = self.see(thing)
        return now is not None and len(now) == len(seen) and all(map(is_, now, seen))

    def look_over(self, entries: Iterable[Entry], writer: Writer) -> None:
        """Have written what may have changed since its state was noted."""
        for entry in entries:
            if entry.seen is None or not self.is_as(entry.thing, entry.seen):
                writer.again(entry)

    def remember(self, entry: Entry, parts: list[Any], known: dict[int, Entry]) -> bool:
        """Note the state that both sides know; return whether it is another than they knew."""
        entry.seen = self.see(entry.thing)
        if entry.seen is not None and _are_settled(entry.seen, known):
            entry.shadow = None
            return True
        # In the text of a representation True is not 1, and nan is nan.
        before, entry.shadow, entry.seen = entry.shadow, repr(parts), None
        return before != entry.shadow

    def make(self, parts: list[Any], reader: Reader, number: int) -> Any:
        """Return a new object, whose state is filled in later unless it consists of bytes."""
        raise NotImplementedError

    def fill(self, thing: Any, parts: list[Any], reader: Reader, entry: Entry) -> None:
        """Give an object the state that is written."""
        raise NotImplementedError
