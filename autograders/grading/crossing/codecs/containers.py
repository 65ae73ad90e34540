"""Lists, dictionaries, sets, queues and byte arrays, of exactly these types."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from typing import Any

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.table import Entry
from autograders.grading.crossing.wire import dump


class Lists(Codec):
    """Lists, and queues with the length that they may have."""

    tag = "L"

    def takes(self, kind: type) -> bool:
        return kind in (list, deque)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        longest = thing.maxlen if type(thing) is deque else -1
        return [longest, [writer.slot(item) for item in thing]]

    def see(self, thing: Any) -> tuple[Any, ...]:
        return tuple(thing)

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        if parts[0] == -1:
            return []
        return deque(maxlen=parts[0])

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        items = reader.values(parts[1])
        thing.clear()
        thing.extend(items)


_DICTS: dict[str, type] = {
    kind.__name__: kind for kind in (dict, OrderedDict, Counter, defaultdict)
}


def _factory(thing: Any) -> Any:
    return thing.default_factory if type(thing) is defaultdict else None


class Dicts(Codec):
    """Dictionaries and their kin."""

    tag = "D"

    def takes(self, kind: type) -> bool:
        return _DICTS.get(kind.__name__) is kind

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        pairs = [[writer.slot(key), writer.slot(value)] for key, value in thing.items()]
        return [type(thing).__name__, writer.slot(_factory(thing)), pairs]

    def see(self, thing: Any) -> tuple[Any, ...]:
        return (_factory(thing), *thing, *thing.values())

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        kind = _DICTS.get(parts[0])
        if kind is None:
            raise Refused("a dictionary is malformed")
        return kind()

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        pairs = [(reader.value(key), reader.value(value)) for key, value in parts[2]]
        if type(thing) is defaultdict:
            thing.default_factory = reader.value(parts[1])
        thing.clear()
        for key, value in pairs:
            thing[key] = value


class Sets(Codec):
    """Sets, written in an order that both sides agree on."""

    tag = "S"

    def takes(self, kind: type) -> bool:
        return kind is set

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        return [sorted((writer.slot(item) for item in thing), key=dump)]

    def see(self, thing: Any) -> tuple[Any, ...]:
        return tuple(thing)

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        return set()

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        items = reader.values(parts[0])
        thing.clear()
        thing.update(items)


class ByteArrays(Codec):
    """Arrays of bytes that are no NumPy arrays."""

    tag = "B"
    has_content = True

    def takes(self, kind: type) -> bool:
        return kind is bytearray

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        return [bytes(thing)]

    def look_over(self, entries: Iterable[Entry], writer: Any) -> None:
        for entry in entries:
            if entry.thing != entry.shadow:
                writer.again(entry)

    def remember(self, entry: Entry, parts: list[Any], known: dict[int, Entry]) -> bool:
        entry.shadow = bytes(entry.thing)
        return True

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        return bytearray(parts[0])

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        thing[:] = parts[0]


CODECS = (Lists(), Dicts(), Sets(), ByteArrays())
