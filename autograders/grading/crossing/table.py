"""Which object here is which object there.

Every object that has crossed has a number that both sides know. The judge keeps most of its objects
by weak references and says which are gone; the student's side keeps what it is not told to forget.
So identity holds as long as anybody can ask for it, and loops over thousands of models end with an
empty table.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from typing import Any

from autograders.grading.crossing.errors import Refused

COPY, MINE, THEIRS = "copy", "mine", "theirs"
MOST = 200_000  # objects that both sides know at a time


class Entry:
    """One object that has crossed.

    Attributes
    ----------
    number : int
    kind : str
        ``COPY``: both sides have one, and hold them equal. ``MINE``: it lives here, the other side
        has a stand-in. ``THEIRS``: the other way round.
    codec : object
        How its state is written, for a copy.
    shadow : object
        The state that both sides know.
    seen : object
        By what the codec recognizes, quicker than by writing it, that this is still its state.
    note : object
        What the codec wants to remember.
    """

    __slots__ = ("codec", "kind", "note", "number", "reference", "seen", "shadow", "strong")

    def __init__(self, number: int, kind: str, codec: Any) -> None:
        self.number, self.kind, self.codec = number, kind, codec
        self.reference: Any = None
        self.strong: Any = None
        self.shadow: Any = None
        self.seen: Any = None
        self.note: Any = None

    def object(self) -> Any:
        """Return the object, None if it is gone."""
        return self.reference() if self.reference is not None else self.strong


class Table:
    """The objects that both sides know.

    Parameters
    ----------
    first : int
        The first number to give: one side gives odd numbers, the other even ones.
    weak : bool
        Whether this side decides what is forgotten.
    """

    def __init__(self, first: int, weak: bool) -> None:
        self.next, self.parity, self.weak = first, first % 2, weak
        self.entries: dict[int, Entry] = {}
        self.numbers: dict[int, int] = {}  # by id(object)
        self.held: list[Any] = []
        self.gone: list[int] = []  # copies and stand-ins that are no longer here

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, thing: Any) -> Entry | None:
        """Return an object's entry, None if it has not crossed."""
        number = self.numbers.get(id(thing))
        return None if number is None else self.entries[number]

    def add(self, thing: Any, kind: str, codec: Any = None, number: int | None = None) -> Entry:
        """Enter an object, under a new number or under the one that the other side gave.

        Raises
        ------
        Refused
            If the number is not one for the other side to give, or there are too many.
        """
        if number is None:
            number, self.next = self.next, self.next + 2
        elif number % 2 == self.parity or number in self.entries or number <= 0:
            raise Refused("a number was given twice")
        if len(self.entries) >= MOST:
            raise Refused(f"more than {MOST:,} objects were passed")
        entry = Entry(number, kind, codec)
        if kind == THEIRS or (kind == COPY and self.weak):
            self.held.append(thing)
            try:
                entry.reference = weakref.ref(thing, self._forgetter(id(thing), number, kind))
            except TypeError:
                entry.strong = thing
        else:
            entry.strong = thing
        self.entries[number] = entry
        self.numbers[id(thing)] = number
        return entry

    def forget(self, number: int) -> None:
        """Forget what the other side no longer has."""
        entry = self.entries.pop(number, None)
        if entry is not None:
            thing = entry.object()
            if thing is not None and self.numbers.get(id(thing)) == number:
                del self.numbers[id(thing)]
            entry.strong = None  # others may know the entry still

    def copies(self) -> Iterator[tuple[Entry, Any]]:
        """Yield the copies that are alive, each with its object."""
        for entry in list(self.entries.values()):
            if entry.kind is COPY:
                reference = entry.reference
                thing = entry.strong if reference is None else reference()
                if thing is not None:
                    yield entry, thing

    def let_go(self) -> None:
        """Forget what nobody else holds; its last changes have just been written.

        What lives now is held until the next message, for the answer may refer to it.
        """
        self.held.clear()
        again = self.weak
        while again:
            again = False
            for number, entry in list(self.entries.items()):
                # No weak reference can be made to it; held by the entry and by this call.
                strong = entry.kind == COPY and entry.strong is not None
                if strong and sys.getrefcount(entry.strong) <= 2:
                    self.numbers.pop(id(entry.strong), None)
                    del self.entries[number]
                    entry.strong = None  # others may know the entry still
                    self.gone.append(number)
                    again = True
        self.held = [entry.object() for entry in self.entries.values() if entry.reference]

    def clear(self) -> None:
        """Forget everything."""
        self.held.clear()
        self.entries.clear()
        self.numbers.clear()
        self.gone.clear()

    def take_gone(self) -> list[int]:
        """Return the numbers that the other side should forget, once."""
        gone, self.gone = self.gone, []
        return gone

    def _forgetter(self, identity: int, number: int, kind: str) -> Any:
        table = weakref.ref(self)

        def forget(_: Any) -> None:
            mine = table()
            if mine is not None and number in mine.entries:
                del mine.entries[number]
                if mine.numbers.get(identity) == number:
                    del mine.numbers[identity]
                mine.gone.append(number)

        return forget
