"""Objects of the course's library, and of classes that somebody derives from it.

The class crosses by its name, or as a stand-in that is derived from the same library class; the
state crosses by value, attribute by attribute. Making an object runs no line of its class.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from autograders.grading.crossing.codecs import Codec, are_marked, marks
from autograders.grading.crossing.errors import Refused

_slots: WeakKeyDictionary[type, dict[str, Any]] = WeakKeyDictionary()


def slots_of(kind: type) -> dict[str, Any]:
    """Return the descriptors of a class's slots by name, those of its bases first."""
    found = _slots.get(kind)
    if found is not None:
        return found
    found = {}
    for base in reversed(kind.__mro__):
        names = base.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            if name not in ("__dict__", "__weakref__"):
                mangled = name
                if name.startswith("__") and not name.endswith("__"):
                    mangled = f"_{base.__name__.lstrip('_')}{name}"
                found[mangled] = base.__dict__[mangled]
    _slots[kind] = found
    return found


def _is_pythons(name: str) -> bool:
    """Return whether a name has a meaning: by ``__array_interface__`` NumPy reads any memory."""
    return name.startswith("__") and name.endswith("__")


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

    def fits(self, thing: Any) -> bool:
        kind = type(thing)
        return kind is SimpleNamespace or self.peer.library_base(kind) is not None

    def parts(self, thing: Any, writer: Any, entry: Any) -> tuple[list[Any], bytes | None]:
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
        return [writer.slot(kind), state], None

    def see(self, thing: Any, table: Any) -> Any:
        own, values = self._held(thing)
        marked = marks(values, table)
        return None if marked is None else (type(thing), tuple(own), marked)

    def is_as_seen(self, thing: Any, table: Any, entry: Any) -> bool:
        kind, names, marked = entry.seen
        own, values = self._held(thing)
        return type(thing) is kind and tuple(own) == names and are_marked(values, marked, table)

    def _held(self, thing: Any) -> tuple[dict[str, Any], list[Any]]:
        """Return an object's own dictionary, and the values of its slots and of the dictionary."""
        kind = type(thing)
        values = []
        for name, slot in slots_of(kind).items():
            if name not in self.left_out:
                try:
                    values.append(slot.__get__(thing, kind))
                except AttributeError:
                    values.append(...)  # not set
        own = getattr(thing, "__dict__", None)
        if type(own) is not dict:
            return {}, values
        values += own.values()
        return own, values

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        kind = self._class(parts, reader)
        if kind is SimpleNamespace:
            return SimpleNamespace()
        try:
            return object.__new__(kind)
        except TypeError:
            raise Refused(f"an object of {kind.__name__} cannot be passed") from None

    def fill(self, thing: Any, parts: list[Any], content: Any, reader: Any, entry: Any) -> None:
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
