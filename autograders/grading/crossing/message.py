"""A graph of values and objects, as bytes and back.

A message is a flat list of nodes, one for each object that is new or has changed since the two
sides last spoke, and the values that it is about. Values refer to objects by number, so shared
parts stay shared and cycles are nothing special. :class:`Writer` makes one, :class:`Reader` takes
one apart; the codecs say what a node of their kind holds.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from autograders.grading.crossing import plain
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.table import COPY, Entry

if TYPE_CHECKING:
    from autograders.grading.crossing.peer import Peer


AGAIN = "AA"  # the tag of a node of arrays whose contents alone have changed


class Writer:
    """Writes one message.

    Parameters
    ----------
    peer : Peer
        Whose message it is.
    """

    def __init__(self, peer: Peer) -> None:
        self.peer, self.table = peer, peer.table
        self.nodes: list[list[Any]] = []
        self.contents: list[bytes] = []
        self.size = 0
        self.todo: deque[Entry] = deque()
        self.entered: set[int] = set()

    def slot(self, value: Any, depth: int = 0) -> Any:
        """Return how a value is written where it stands."""
        kind = type(value)
        if kind in plain.ATOMS:
            return value if value == value else plain.no_number(value)
        if kind is int and -plain.LARGEST_INT <= value < plain.LARGEST_INT:
            return value
        entry = self.table.known.get(id(value))
        if entry is not None:
            return [entry.number]
        if depth > plain.DEEPEST:
            raise Refused(f"values are nested more than {plain.DEEPEST} levels deep")
        named = self.peer.by_name(value)
        if named is not None:
            return named
        parts = plain.take(value)
        if parts is not None:
            return [parts[0], *(self.slot(part, depth + 1) for part in parts[1])]
        return [self._enter(value)]

    def all_changes(self) -> None:
        """Write what has changed among all that both sides have."""
        for codec, entries in self.table.copies.items():
            codec.look_over(entries.values(), self)
        while self.todo:
            self._node(self.todo.popleft())

    def again(self, entry: Entry) -> None:
        """Write an object whose state may have changed."""
        if entry.number not in self.entered:
            self.todo.append(entry)

    def contents_again(self, entries: list[Entry]) -> None:
        """Write what arrays hold, of which nothing else has changed."""
        if entries:
            contents = [entry.shadow for entry in entries]
            self.nodes.append([AGAIN, [entry.number for entry in entries], *self._put(contents)])

    def _enter(self, value: Any) -> int:
        """Give an object a number; what it holds is written later."""
        codec = self.peer.codec_of(value)
        entry = self.table.add(value, codec.kind, codec)
        self.todo.append(entry)
        self.entered.add(entry.number)
        return entry.number

    def _node(self, entry: Entry) -> None:
        codec = entry.codec
        parts = codec.parts(entry.thing, self, entry)
        if entry.kind == COPY and not codec.remember(entry, parts, self.table.known):
            return
        if codec.has_content:
            *parts, content = parts
            parts += self._put([content])
        self.nodes.append([codec.tag, entry.number, *parts])

    def _put(self, contents: list[bytes]) -> tuple[int, int]:
        """Return where bytes begin among those of the message, and how many they are."""
        start, length = self.size, sum(map(len, contents))
        self.contents += contents
        self.size += length
        return start, length


class Reader:
    """Takes one message apart.

    Parameters
    ----------
    peer : Peer
        Who got it.
    nodes : list
        Of the message.
    contents : memoryview
        The bytes that came with it.
    """

    def __init__(self, peer: Peer, nodes: Any, contents: memoryview) -> None:
        self.peer, self.table, self.contents = peer, peer.table, contents
        self.new: dict[int, tuple[Any, list[Any]]] = {}
        self.making: set[int] = set()
        self.todo: list[tuple[Entry, list[Any]]] = []  # what gets its state when all is there
        if type(nodes) is not list:
            raise Refused("a message has no list of objects")
        self._sort(nodes)
        for number in list(self.new):
            if number in self.new:
                self._make(number)
        for entry, parts in self.todo:
            entry.codec.fill(entry.thing, parts, self, entry)
        for entry, parts in self.todo:
            entry.codec.remember(entry, parts, self.table.known)

    def value(self, slot: Any, depth: int = 0) -> Any:
        """Return the value that is written in a slot."""
        kind = type(slot)
        if kind in plain.ATOMS or kind is int:
            return slot
        if kind is not list or not slot or depth > plain.DEEPEST:
            raise Refused("a value is malformed")
        head = slot[0]
        if type(head) is int and len(slot) == 1:
            return self.object(head)
        if type(head) is not str:
            raise Refused("a value is malformed")
        rest = slot[1:]
        if head in ("k", "f", "m"):
            return self.peer.named(head, rest[0] if rest else None)
        return plain.make(head, [self.value(part, depth + 1) for part in rest])

    def values(self, slots: Any) -> list[Any]:
        """Return the values of a list of slots."""
        if type(slots) is not list:
            raise Refused("a list of values was expected")
        return [self.value(slot) for slot in slots]

    def object(self, number: int) -> Any:
        """Return the object of a number."""
        entry = self.table.entries.get(number)
        if entry is None:
            if number not in self.new or number in self.making:
                raise Refused("a value refers to an object that is not there")
            entry = self._make(number)
        return entry.thing

    def _sort(self, nodes: list[Any]) -> None:
        """Tell objects that are new from those that have changed; of arrays, take the contents."""
        self.unclaimed = len(self.contents)
        entries, known = self.table.entries, self.table.known
        for node in nodes:
            tag, number, *parts = node if type(node) is list and len(node) > 1 else (None, None)
            if tag == AGAIN:
                self._again(number, *parts)
                continue
            if type(number) is not int or type(tag) is not str or number in self.new:
                raise Refused("an object in a message is malformed")
            codec = self.peer.codec_for(tag)
            if codec.has_content:
                *parts, start, length = parts if len(parts) > 1 else (None, None)
                parts.append(self._bytes(start, length))
            entry = entries.get(number)
            if entry is None:
                self.new[number] = codec, parts
            elif entry.kind != COPY or entry.codec is not codec:
                raise Refused("an object became another")
            elif codec.has_content:
                codec.fill(entry.thing, parts, self, entry)
                codec.remember(entry, parts, known)
            else:
                self.todo.append((entry, parts))

    def _again(self, numbers: Any, start: Any = None, length: Any = None) -> None:
        """Take the contents of arrays that both sides have."""
        content, arrays = self._bytes(start, length), self.peer.codec_for("A")
        if type(numbers) is not list:
            raise Refused("an object in a message is malformed")
        known: list[Any] = [self.table.entries.get(number) for number in numbers]
        if any(entry is None or entry.codec is not arrays for entry in known):
            raise Refused("an object became another")
        if sum(entry.thing.nbytes for entry in known) != len(content):
            raise Refused("an array has not as many entries as its shape says")
        at = 0
        for entry in known:
            end = at + entry.thing.nbytes
            arrays.take(entry, content[at:end])
            at = end

    def _bytes(self, start: Any, length: Any) -> memoryview:
        """Return the bytes that a node says are its own."""
        if type(start) is not int or type(length) is not int or start < 0 or length < 0:
            raise Refused("an object in a message is malformed")
        found = self.contents[start : start + length]
        if len(found) != length:
            raise Refused("a message breaks off")
        self.unclaimed -= length
        if self.unclaimed < 0:  # no byte is two objects': they would add up
            raise Refused("objects in a message share their bytes")
        return found

    def _make(self, number: int) -> Entry:
        """Make an object, whose state may still be missing."""
        self.making.add(number)
        codec, parts = self.new[number]
        thing = codec.make(parts, self, number)
        entry = self.table.add(thing, codec.other_kind, codec, number)
        if codec.has_content:
            codec.remember(entry, parts, self.table.known)
        elif entry.kind == COPY:
            self.todo.append((entry, parts))
        del self.new[number]
        return entry
