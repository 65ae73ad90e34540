"""Which object here is which object there.

Every object that has crossed has a number that both sides know. The judge looks which of its
objects nobody else refers to, and says that they are gone; the student's side keeps what it is not
told to forget. So identity holds as long as anybody can ask for it, and loops over thousands of
models end with an empty table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from sys import getrefcount
from typing import Any

from autograders.grading.crossing.errors import Refused

COPY, MINE, THEIRS = "copy", "mine", "theirs"
MOST = 200_000  # objects that both sides know at a time
_MANY = 2_000  # as many more as there are twice: then circles are looked for


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
    thing : object
        The object.
    seen : tuple, optional
        By what the codec recognizes, quicker than by writing it, the state that both sides know.
    shadow : str, optional
        That state as it was written, where it cannot be recognized otherwise.
    note : object
        What the codec wants to remember.
    """

    __slots__ = ("codec", "kind", "note", "number", "seen", "shadow", "thing")

    def __init__(self, number: int, kind: str, codec: Any, thing: Any) -> None:
        self.number, self.kind, self.codec, self.thing = number, kind, codec, thing
        self.seen: Any = None
        self.shadow: Any = None
        self.note: Any = None


_entry = Entry(0, COPY, None, [])
_ALONE = getrefcount(_entry.thing)  # references to what only its entry refers to, as counted below


class Table:
    """The objects that both sides know.

    Parameters
    ----------
    first : int
        The first number to give: one side gives odd numbers, the other even ones.
    weak : bool
        Whether this side decides which copies are forgotten.

    Attributes
    ----------
    entries : dict
        By number.
    copies : dict
        By codec, the entries of those of which both sides have a copy, by number.
    """

    def __init__(self, first: int, weak: bool) -> None:
        self.next, self.parity, self.weak = first, first % 2, weak
        self.entries: dict[int, Entry] = {}
        self.copies: dict[Any, dict[int, Entry]] = defaultdict(dict)
        self.known: dict[int, Entry] = {}  # by id(object)
        self.loose: dict[int, Entry] = {}  # that are forgotten when nobody refers to them
        self.gone: list[int] = []  # that are no longer here
        self.many = _MANY

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, thing: Any) -> Entry | None:
        """Return an object's entry, None if it has not crossed."""
        return self.known.get(id(thing))

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
        entry = Entry(number, kind, codec, thing)
        self.entries[number] = self.known[id(thing)] = entry
        if kind == COPY:
            self.copies[codec][number] = entry
        if kind == THEIRS or (kind == COPY and self.weak):
            self.loose[number] = entry
        return entry

    def forget(self, number: int) -> None:
        """Forget what the other side no longer has."""
        entry = self.entries.pop(number, None)
        if entry is None:
            return
        if self.known.get(id(entry.thing)) is entry:
            del self.known[id(entry.thing)]
        self.copies[entry.codec].pop(number, None)
        self.loose.pop(number, None)
        entry.thing = entry.seen = None  # others may know the entry still

    def let_go(self) -> None:
        """Forget what nobody else refers to; its last changes have just been written.

        What is left stays until the next message, for the answer may refer to it.
        """
        alone: Any = True
        while alone:  # what one of them referred to may be alone now
            alone = [n for n, entry in self.loose.items() if getrefcount(entry.thing) <= _ALONE]
            self._are_gone(alone)
        if len(self.loose) > self.many:
            self._are_gone(self._circles())
            self.many = 2 * len(self.loose) + _MANY

    def _are_gone(self, numbers: list[int]) -> None:
        for number in numbers:
            self.forget(number)
        self.gone += numbers

    def _circles(self) -> list[int]:
        """Return the numbers of those that nobody refers to but others of them."""
        held = (id(value) for entry in self.loose.values() for value in entry.seen or ())
        inside = Counter(held)  # each twice: by the object, and by what was seen of it
        alive = [
            entry
            for entry in self.loose.values()
            if getrefcount(entry.thing) > _ALONE + 2 * inside[id(entry.thing)]
        ]
        found = {entry.number for entry in alive}
        while alive:
            for value in alive.pop().seen or ():
                other = self.known.get(id(value))
                if other is not None and other.number in self.loose and other.number not in found:
                    found.add(other.number)
                    alive.append(other)
        return [number for number in self.loose if number not in found]

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self.copies.clear()
        self.known.clear()
        self.loose.clear()
        self.gone.clear()

    def take_gone(self) -> list[int]:
        """Return the numbers that the other side should forget, once."""
        gone, self.gone = self.gone, []
        return gone
