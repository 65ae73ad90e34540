"""Lists, dictionaries, sets, queues and byte arrays, of exactly these types."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

from autograders.grading.crossing.codecs import Codec, are_marked, marks
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.wire import dump


class Lists(Codec):
    """Lists, and queues with the length that they may have."""

    tag = "L"

    def fits(self, thing: Any) -> bool:
        return type(thing) in (list, deque)

    def parts(self, thing: Any, writer: Any, entry: Any) -> tuple[list[Any], bytes | None]:
        longest = thing.maxlen if type(thing) is deque else -1
        return [longest, [writer.slot(item) for item in thing]], None

    def see(self, thing: Any, table: Any) -> Any:
        return marks(thing, table)

    def is_as_seen(self, thing: Any, table: Any, entry: Any) -> bool:
        return len(thing) == len(entry.seen) and are_marked(thing, entry.seen, table)

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        if parts[0] == -1:
            return []
        return deque(maxlen=parts[0])

    def fill(self, thing: Any, parts: list[Any], content: Any, reader: Any, entry: Any) -> None:
        items = reader.values(parts[1])
        thing.clear()
        thing.extend(items)


_DICTS: dict[str, type] = {
    kind.__name__: kind for kind in (dict, OrderedDict, Counter, defaultdict)
}


class Dicts(Codec):
    """Dictionaries and their kin."""

    tag = "D"

    def fits(self, thing: Any) -> bool:
        return _DICTS.get(type(thing).__name__) is type(thing)

    def parts(self, thing: Any, writer: Any, entry: Any) -> tuple[list[Any], bytes | None]:
        factory = thing.default_factory if type(thing) is defaultdict else None
        pairs = [[writer.slot(key), writer.slot(value)] for key, value in thing.items()]
        return [type(thing).__name__, writer.slot(factory), pairs], None

    def see(self, thing: Any, table: Any) -> Any:
        if type(thing) is defaultdict:
            return None
        keys, values = marks(thing, table), marks(thing.values(), table)
        return None if keys is None or values is None else (keys, values)

    def is_as_seen(self, thing: Any, table: Any, entry: Any) -> bool:
        keys, values = entry.seen
        return (
            len(thing) == len(keys)
            and are_marked(thing, keys, table)
            and are_marked(thing.values(), values, table)
        )

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        kind = _DICTS.get(parts[0])
        if kind is None:
            raise Refused("a dictionary is malformed")
        return kind()

    def fill(self, thing: Any, parts: list[Any], content: Any, reader: Any, entry: Any) -> None:
        pairs = [(reader.value(key), reader.value(value)) for key, value in parts[2]]
        if type(thing) is defaultdict:
            thing.default_factory = reader.value(parts[1])
        thing.clear()
        for key, value in pairs:
            thing[key] = value


class Sets(Codec):
    """Sets, written in an order that both sides agree on."""

    tag = "S"

    def fits(self, thing: Any) -> bool:
        return type(thing) is set

    def parts(self, thing: Any, writer: Any, entry: Any) -> tuple[list[Any], bytes | None]:
        return [sorted((writer.slot(item) for item in thing), key=dump)], None

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        return set()

    def fill(self, thing: Any, parts: list[Any], content: Any, reader: Any, entry: Any) -> None:
        items = reader.values(parts[0])
        thing.clear()
        thing.update(items)


class ByteArrays(Codec):
    """Arrays of bytes that are no NumPy arrays."""

    tag = "B"
    has_content = True

    def fits(self, thing: Any) -> bool:
        return type(thing) is bytearray

    def parts(self, thing: Any, writer: Any, entry: Any) -> tuple[list[Any], bytes | None]:
        return [], bytes(thing)

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        return bytearray()

    def fill(self, thing: Any, parts: list[Any], content: Any, reader: Any, entry: Any) -> None:
        thing[:] = content


CODECS = (Lists(), Dicts(), Sets(), ByteArrays())
