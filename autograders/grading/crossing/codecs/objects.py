"""Objects of the course's library, and of classes that somebody derives from it.

The class crosses by its name, or as a stand-in that is derived from the same library class; the
state crosses by value, attribute by attribute. Making an object runs no line of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, EnumType
from functools import lru_cache
from operator import is_
from types import SimpleNamespace
from typing import Any

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.table import Entry


def _slots_of(kind: type) -> dict[str, Any]:
    found = {}
    for base in reversed(kind.__mro__):
        names = base.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            if name not in ("__dict__", "__weakref__"):
                mangled = name
                if name.startswith("__") and not name.endswith("__"):
                    mangled = f"_{base.__name__.lstrip('_')}{name}"
                found[mangled] = base.__dict__[mangled]
    return found


# The descriptors of a class's slots by name, those of its bases first.
slots_of: Callable[[type], dict[str, Any]] = lru_cache(maxsize=256)(_slots_of)


def _is_pythons(name: str) -> bool:
    """Return whether a name has a meaning: by ``__array_interface__`` NumPy reads any memory."""
    return name.startswith("__") and name.endswith("__")


class Members(Codec):
    """Members of enumerations that both sides have, by their names.

    Parameters
    ----------
    peer : Peer
        Whose members they are.
    """

    tag = "M"

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def takes(self, kind: type) -> bool:
        return issubclass(kind, Enum) and self.peer.names.is_library(kind)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        return [writer.slot(type(thing)), thing.name]

    def see(self, thing: Any) -> tuple[Any, ...]:
        return ()

    def is_as(self, thing: Any, seen: tuple[Any, ...]) -> bool:
        return True

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        kind = reader.value(parts[0])
        known = isinstance(kind, EnumType) and self.peer.names.is_library(kind)
        if not known or type(parts[1]) is not str or parts[1] not in kind.__members__:
            raise Refused("there is no such member of an enumeration")
        return kind.__members__[parts[1]]

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        if reader.value(parts[0]) is not type(thing) or parts[1] != thing.name:
            raise Refused("a member of an enumeration became another")


class Objects(Codec):
    """Objects whose class is the library's, or derived from one of the library's.

    Parameters
    ----------
    peer : Peer
        Whose objects they are.
    left_out : frozenset of str
        Attributes that do not cross.
    """

    tag = "O"

    def __init__(self, peer: Any, left_out: frozenset[str] = frozenset()) -> None:
        self.peer, self.left_out = peer, left_out

    def takes(self, kind: type) -> bool:
        return kind is SimpleNamespace or self.peer.library_base(kind) is not None

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        kind = type(thing)
        state = []
        for name, slot in slots_of(kind).items():
            if name in self.left_out:
                continue
            try:
                state.append([name, writer.slot(slot.__get__(thing, kind))])
            except AttributeError:
                continue  # not set
        own = getattr(thing, "__dict__", None)
        if type(own) is dict:
            state += [
                [name, writer.slot(value)] for name, value in own.items() if not _is_pythons(name)
            ]
        return [writer.slot(kind), state]

    def see(self, thing: Any) -> tuple[Any, ...] | None:
        own = getattr(thing, "__dict__", None)
        if type(own) is not dict or slots_of(type(thing)):
            return None
        return type(thing), tuple(own), *own.values()

    def look_over(self, entries: Iterable[Entry], writer: Any) -> None:
        for entry in entries:
            thing = entry.thing
            if entry.seen is not None:
                kind, names, *values = entry.seen
                if type(thing) is kind:
                    own = thing.__dict__
                    if tuple(own) == names and all(map(is_, own.values(), values)):
                        continue
            writer.again(entry)

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        kind = self._class(parts, reader)
        if kind is SimpleNamespace:
            return SimpleNamespace()
        try:
            return object.__new__(kind)
        except TypeError:
            raise Refused(f"an object of {kind.__name__} cannot be passed") from None

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        kind = self._class(parts, reader)
        if kind is not type(thing):
            try:
                object.__setattr__(thing, "__class__", kind)
            except TypeError:
                raise Refused("an object became one of another class") from None
        values = {}
        for name, slot in parts[1]:
            if type(name) is not str or _is_pythons(name):
                raise Refused("an attribute is malformed")
            values[name] = reader.value(slot)
        for name, descriptor in slots_of(kind).items():
            if name in values:
                descriptor.__set__(thing, values.pop(name))
        own = getattr(thing, "__dict__", None)
        if type(own) is not dict:
            if values:
                raise Refused(f"an object of {kind.__name__} has no attribute {min(values)!r:.80}")
            return
        own.clear()
        own.update(values)

    def _class(self, parts: list[Any], reader: Any) -> type:
        kind = reader.value(parts[0])
        if not isinstance(kind, type) or not (
            kind is SimpleNamespace or self.peer.library_base(kind) is not None
        ):
            raise Refused("an object has no class that can be passed")
        return kind
