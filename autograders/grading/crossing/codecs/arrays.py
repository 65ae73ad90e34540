"""NumPy's arrays and random generators.

An array of plain entries crosses with its contents, and a change in place arrives in the same
buffer. A view of an array that both sides have is a view there too.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.plain import KINDS, dtype, spelled
from autograders.grading.crossing.table import COPY, Entry

_form = attrgetter("dtype", "shape", "flags.num")
_C_CONTIGUOUS, _F_CONTIGUOUS, _WRITEABLE = 0x1, 0x2, 0x400  # in flags.num


def _lengths(parts: Any, lowest: int = 0) -> tuple[int, ...]:
    if type(parts) is not list or any(type(n) is not int or n < lowest for n in parts):
        raise Refused("the shape of an array is malformed")
    return tuple(parts)


class Arrays(Codec):
    """Arrays that hold their own numbers, or a part of another's that has not crossed."""

    tag = "A"
    has_content = True

    def takes(self, kind: type) -> bool:
        return kind is np.ndarray

    def fits(self, thing: Any) -> bool:
        return thing.dtype.kind in KINDS

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        kind, shape, flags = _form(thing)
        order = "F" if flags & _F_CONTIGUOUS and not flags & _C_CONTIGUOUS else "C"
        return [spelled(kind), list(shape), order, bool(flags & _WRITEABLE), thing.tobytes()]

    def look_over(self, entries: Iterable[Entry], writer: Any) -> None:
        changed = []
        for entry in entries:
            thing = entry.thing
            if _form(thing) != entry.seen:
                writer.again(entry)
            elif (content := thing.tobytes()) != entry.shadow:
                entry.shadow = content
                changed.append(entry)
        writer.contents_again(changed)

    def remember(self, entry: Entry, parts: list[Any], known: dict[int, Entry]) -> bool:
        content = parts[-1]
        entry.shadow = content if type(content) is bytes else entry.thing.tobytes()
        entry.seen = _form(entry.thing)
        return True

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        found, order, writeable = self._read(parts)
        try:
            made = found.copy(order)
        except MemoryError:
            raise Refused("there is no array of such a shape") from None
        if not writeable:
            made.flags.writeable = False
        return made

    def take(self, entry: Entry, content: memoryview) -> None:
        """Give an array new contents."""
        kind, shape, flags = entry.seen
        new = shown(kind, shape, content)
        if not flags & _WRITEABLE:
            raise Refused("an array was changed that is for reading only")
        entry.thing[...] = new
        entry.shadow = entry.thing.tobytes()

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        new, _, writeable = self._read(parts)
        if thing.dtype != new.dtype or thing.size != new.size:
            raise Refused("an array changed its type or its size in place")
        if thing.shape != new.shape:
            thing.shape = new.shape
        if thing.flags.writeable:
            thing[...] = new
            if not writeable:
                thing.flags.writeable = False
        elif thing.tobytes() != new.tobytes():
            raise Refused("an array was changed that is for reading only")
        elif writeable and thing.base is None:
            thing.flags.writeable = True

    @staticmethod
    def _read(parts: list[Any]) -> tuple[np.ndarray, Any, bool]:
        """Return an array that shows what is written, its order, and whether it may change."""
        text, lengths, order, writeable, content = parts
        if order not in ("C", "F") or type(writeable) is not bool:
            raise Refused("an array is malformed")
        return shown(dtype(text), _lengths(lengths), content), order, writeable


def shown(kind: np.dtype, shape: tuple[int, ...], content: Any) -> np.ndarray:
    """Return an array whose contents are some bytes."""
    if not kind.itemsize:  # NumPy makes no such arrays, but those with one byte an entry
        raise Refused("an array has entries of no size")
    if prod(shape) * kind.itemsize != len(content):
        raise Refused("an array has not as many entries as its shape says")
    try:
        found: np.ndarray = np.ndarray(shape, kind, content)
    except (ValueError, MemoryError):
        raise Refused("there is no array of such a shape") from None
    # True has one form: NumPy may count others twice.
    return found if kind.kind != "b" else np.asarray(found.view(np.uint8) != 0)


class Views(Codec):
    """Arrays that show a part of an array that both sides have."""

    tag = "V"

    def __init__(self, table: Any) -> None:
        self.table = table

    def takes(self, kind: type) -> bool:
        return kind is np.ndarray

    def fits(self, thing: Any) -> bool:
        if thing.base is None or thing.dtype.kind not in KINDS:
            return False
        base = self._base(thing)
        entry = None if base is None else self.table.find(base)
        return (
            entry is not None
            and entry.kind == COPY
            and entry.codec.tag == "A"
            and base is not None
            and (thing.dtype.kind == "b") == (base.dtype.kind == "b")
            and base.flags.c_contiguous
            and base.flags.writeable == thing.flags.writeable
        )

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        base = self._base(thing)
        assert base is not None
        start = thing.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        place = [start, list(thing.strides), list(thing.shape), spelled(thing.dtype)]
        return [writer.slot(base), *place]

    def see(self, thing: Any) -> tuple[Any, ...]:
        return thing.dtype, thing.shape, thing.strides, thing.flags.num

    def is_as(self, thing: Any, seen: tuple[Any, ...]) -> bool:
        return self.see(thing) == seen

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        base, start, strides, shape, kind = parts
        base = reader.value(base)
        fits = type(base) is np.ndarray and type(start) is int and start >= 0
        fits = fits and (dtype(kind).kind == "b") == (base.dtype.kind == "b")
        if not fits or type(strides) is not list or not all(type(n) is int for n in strides):
            raise Refused("a part of an array is malformed")
        try:  # NumPy makes sure that it lies within the buffer
            return np.ndarray(_lengths(shape), dtype(kind), base, start, tuple(strides))
        except (ValueError, TypeError):
            raise Refused("a part of an array lies outside of it") from None

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        """Do nothing: what it shows belongs to the whole array."""

    @staticmethod
    def _base(thing: np.ndarray) -> np.ndarray | None:
        base = thing.base
        while type(base) is np.ndarray and base.base is not None:
            base = base.base
        return base if type(base) is np.ndarray else None


_MAKERS: dict[str, Any] = {
    name: getattr(np.random, name) for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
}


def flat(state: Any) -> Any:
    """Return a generator's state with tuples and bytes in place of dictionaries and arrays."""
    if isinstance(state, dict):
        return tuple((key, flat(value)) for key, value in state.items())
    if isinstance(state, np.ndarray):
        return (spelled(state.dtype), state.tobytes())
    return state.item() if isinstance(state, np.generic) else state


def unflat(state: Any) -> Any:
    """Return a generator's state of what :func:`flat` returned."""
    if type(state) is not tuple:
        return state
    if len(state) == 2 and type(state[0]) is str and type(state[1]) is bytes:
        return np.frombuffer(state[1], dtype(state[0]))
    return {key: unflat(value) for key, value in state}


def check_state(kind: str, state: Any) -> None:
    """Make sure of what NumPy believes: it reads beside its memory, or goes round without end.

    Raises
    ------
    Refused
        If no generator of that kind gets into such a state.
    """
    inner, fits = state["state"], True
    if kind == "MT19937":
        words, position = np.asarray(inner["key"]), inner["pos"]
        fits = words.shape == (624,) and len(np.unique(words)) > 300
        fits = fits and type(position) is int and 0 <= position <= 624
    elif kind == "Philox":
        fits = type(state["buffer_pos"]) is int and 0 <= state["buffer_pos"] <= 4
    elif kind.startswith("PCG64"):
        fits = inner["inc"] % 2 == 1
    if not fits:
        raise Refused("a random generator is in a state that none gets into")


def set_state(bits: Any, state: Any) -> None:
    """Set the state of a generator of bits.

    Raises
    ------
    Refused
        If it is no state of such a generator, or one that gives the same number again and again.
    """
    wanted = unflat(state)
    try:
        check_state(type(bits).__name__, wanted)
        bits.state = wanted
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        raise Refused("the state of a random generator is malformed") from None


class Generators(Codec):
    """Random generators, with the state that they are in."""

    tag = "G"

    def takes(self, kind: type) -> bool:
        return kind is np.random.Generator or kind is np.random.RandomState

    def fits(self, thing: Any) -> bool:
        known = type(thing) is np.random.RandomState
        return known or type(thing.bit_generator).__name__ in _MAKERS

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        name, state = self.see(thing)
        return [name, writer.slot(state)]

    def see(self, thing: Any) -> tuple[Any, ...]:
        if type(thing) is np.random.RandomState:
            return "RandomState", flat(thing.get_state(legacy=False))
        bits = thing.bit_generator
        return type(bits).__name__, flat(bits.state)

    def is_as(self, thing: Any, seen: tuple[Any, ...]) -> bool:
        return self.see(thing) == seen

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        if parts[0] == "RandomState":
            return np.random.RandomState(0)
        if parts[0] not in _MAKERS:
            raise Refused("there is no such random generator")
        return np.random.Generator(_MAKERS[parts[0]](0))

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        state = reader.value(parts[1])
        if type(thing) is np.random.RandomState:
            wanted = unflat(state)
            try:
                check_state("MT19937", wanted)
                thing.set_state(wanted)
            except (LookupError, TypeError, ValueError, OverflowError):
                raise Refused("the state of a random generator is malformed") from None
        else:
            set_state(thing.bit_generator, state)
