"""How the state of each kind of object is written, and how an object is made of it.

One file for each kind. A course adds its own by :class:`~autograders.grading.crossing.peer.Course`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograders.grading.crossing import plain
from autograders.grading.crossing.table import COPY, THEIRS, Entry, Table

if TYPE_CHECKING:
    from autograders.grading.crossing.message import Reader, Writer


_LEAVES = (bytes, complex, np.generic, np.dtype)


def marks(values: Iterable[Any], table: Table) -> list[Any] | None:
    """Return by what values are recognized, None if one may change and does not show it.

    A value that never changes is its own mark; that of an object is its entry in the table, which
    no other object has, not even one that lies at the same place in memory later.
    """
    found = []
    for value in values:
        kind = type(value)
        if kind in plain.ATOMS or kind is int or issubclass(kind, _LEAVES):
            found.append(value)
        else:
            found.append(table.find(value))
            if found[-1] is None:
                return None
    return found


def are_marked(values: Iterable[Any], marked: list[Any], table: Table) -> bool:
    """Return whether values, as many as there are marks, are those of the marks."""
    numbers, entries = table.numbers, table.entries
    for value, mark in zip(values, marked, strict=True):
        if value is not mark:
            number = numbers.get(id(value))
            if number is None or entries[number] is not mark:
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

    def fits(self, thing: Any) -> bool:
        """Return whether an object is of this kind."""
        raise NotImplementedError

    def parts(self, thing: Any, writer: Writer, entry: Entry) -> tuple[list[Any], bytes | None]:
        """Return an object's state, ready for JSON, and its bytes."""
        raise NotImplementedError

    def see(self, thing: Any, table: Table) -> Any:
        """Return by what an object is recognized to be as it is now, None if by nothing."""
        return None

    def is_as_seen(self, thing: Any, table: Table, entry: Entry) -> bool:
        """Return whether it is certain that an object is as it was seen last."""
        return False

    def make(self, parts: list[Any], reader: Reader, number: int) -> Any:
        """Return a new object, whose state is filled in later."""
        raise NotImplementedError

    def fill(
        self, thing: Any, parts: list[Any], content: bytes | None, reader: Reader, entry: Entry
    ) -> None:
        """Give an object the state that is written."""
        raise NotImplementedError
