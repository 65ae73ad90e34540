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
from autograders.grading.crossing.table import COPY, Entry, Table

if TYPE_CHECKING:
    from autograders.grading.crossing.peer import Peer


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
        self.todo: deque[tuple[Entry, Any]] = deque()

    def slot(self, value: Any, depth: int = 0) -> Any:
        """Return how a value is written where it stands."""
        kind = type(value)
        if kind in plain.ATOMS:
            return value
        if kind is int and -plain.LARGEST_INT <= value < plain.LARGEST_INT:
            return value
        if depth > plain.DEEPEST:
            raise Refused(f"values are nested more than {plain.DEEPEST} levels deep")
        entry = self.table.find(value)
        if entry is not None:
            return [entry.number]
        named = self.peer.by_name(value)
        if named is not None:
            return named
        parts = plain.take(value)
        if parts is not None:
            return [parts[0], *(self.slot(part, depth + 1) for part in parts[1])]
        return [self._enter(value).number]

    def all_changes(self) -> None:
        """Write what has changed among all that both sides have."""
        table, todo = self.table, self.todo
        entered = {entry.number for entry, _ in todo}
        for entry, thing in table.copies():
            if entry.seen is not None and entry.codec.is_as_seen(thing, table, entry):
                continue
            if entry.number not in entered:
                todo.append((entry, thing))
        while todo:
            self._node(*todo.popleft())

    def _enter(self, value: Any) -> Entry:
        """Give an object a number; what it holds is written later."""
        codec = self.peer.codec_of(value)
        entry = self.table.add(value, codec.kind, codec)
        self.todo.append((entry, value))
        return entry

    def _node(self, entry: Entry, thing: Any) -> None:
        parts, content = entry.codec.parts(thing, self, entry)
        if entry.kind == COPY and not self._is_new(entry, thing, parts, content):
            return
        if content is not None:
            parts = [*parts, self.size, len(content)]
            self.contents.append(content)
            self.size += len(content)
        self.nodes.append([entry.codec.tag, entry.number, *parts])

    def _is_new(self, entry: Entry, thing: Any, parts: list[Any], content: bytes | None) -> bool:
        """Return whether the other side has to be told, and note that it has been."""
        known = entry.shadow
        remember(entry, thing, self.table, parts, content)
        return known is None or known[0] is None or known != entry.shadow


def remember(
    entry: Entry, thing: Any, table: Table, parts: list[Any], content: bytes | None
) -> None:
    """Note the state that both sides know: by what it is recognized, or else as a text."""
    entry.seen = entry.codec.see(thing, table)
    # In the text of a representation True is not 1, and nan is nan.
    text = None if entry.seen is not None and content is None else repr(parts)
    entry.shadow = text, content


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
        self.new: dict[int, list[Any]] = {}
        self.making: set[int] = set()
        if type(nodes) is not list:
            raise Refused("a message has no list of objects")
        unclaimed = len(contents)
        known: list[tuple[Entry, list[Any]]] = []
        for node in nodes:
            number = node[1] if type(node) is list and len(node) > 1 else None
            if type(number) is not int or type(node[0]) is not str or number in self.new:
                raise Refused("an object in a message is malformed")
            if peer.codec_for(node[0]).has_content:  # no byte is two objects': they would add up
                unclaimed -= len(self.bytes(node))
            if unclaimed < 0:
                raise Refused("objects in a message share their bytes")
            entry = self.table.entries.get(number)
            if entry is None:
                self.new[number] = node
            elif entry.kind == COPY and entry.codec.tag == node[0]:
                known.append((entry, node))
            else:
                raise Refused("an object became another")
        self.made: list[tuple[Entry, list[Any]]] = []
        for number in list(self.new):
            if number in self.new:
                self._make(number)
        filled = []
        # Contents of arrays first: others may look at them when they are filled.
        for entry, node in sorted((*known, *self.made), key=lambda p: not p[0].codec.has_content):
            thing = entry.object()
            if entry.kind == COPY and thing is not None:
                parts, content = node[2:], None
                if entry.codec.has_content:
                    content = bytes(self.bytes(parts))
                    parts = parts[:-2]
                entry.codec.fill(thing, parts, content, self, entry)
                filled.append((entry, thing, parts, content))
        for one in filled:
            remember(one[0], one[1], self.table, one[2], one[3])

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
            self._make(number)
            entry = self.table.entries[number]
        return entry.object()

    def bytes(self, parts: list[Any]) -> memoryview:
        """Return the bytes that a node says are its own."""
        start, length = parts[-2:] if len(parts) > 1 else (None, None)
        if type(start) is not int or type(length) is not int or start < 0 or length < 0:
            raise Refused("an object in a message is malformed")
        found = self.contents[start : start + length]
        if len(found) != length:
            raise Refused("a message breaks off")
        return found

    def _make(self, number: int) -> None:
        """Make an object, whose state may still be missing."""
        self.making.add(number)
        node = self.new[number]
        codec = self.peer.codec_for(node[0])
        thing = codec.make(node[2:], self, number)
        self.made.append((self.table.add(thing, codec.other_kind, codec, number), node))
        del self.new[number]
