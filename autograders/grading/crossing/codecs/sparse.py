"""SciPy's sparse arrays and matrices: their class by its name, and the numbers that they hold.

SciPy believes the places in a sparse array once it has looked at them: where one lies outside, it
writes beside its memory. So these arrays are nobody else's here. They cross by their contents, and
are looked at whenever one has changed.
"""

from __future__ import annotations

import sys
from math import prod
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.codecs.arrays import shown
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.plain import dtype, spelled
from autograders.grading.crossing.table import Entry

_ARRAYS = {
    **dict.fromkeys(("csr", "csc", "bsr"), ("data", "indices", "indptr")),
    "coo": (),
    "dia": ("data", "offsets"),
}
_KINDS = "biufc"
_NAMES = {f"{form}_{kind}": form for form in _ARRAYS for kind in ("array", "matrix")}


def _classes() -> dict[str, type]:
    """Return SciPy's classes by name, none as long as nobody has imported them."""
    module = sys.modules.get("scipy.sparse")
    return {name: getattr(module, name) for name in _NAMES} if module else {}


class Sparse(Codec):
    """Sparse arrays of a format that is made of plain arrays."""

    tag = "SP"
    has_content = True

    def takes(self, kind: type) -> bool:
        return _classes().get(kind.__name__) is kind

    def fits(self, thing: Any) -> bool:
        return all(type(part) is np.ndarray and part.dtype.kind in _KINDS for part in _held(thing))

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        held = _held(thing)
        forms = [[spelled(part.dtype), list(part.shape)] for part in held]
        content = b"".join(part.tobytes() for part in held)
        return [type(thing).__name__, list(map(int, thing.shape)), forms, content]

    def remember(self, entry: Entry, parts: list[Any], known: dict[int, Entry]) -> bool:
        if type(parts[-1]) is not bytes:  # it was read
            parts = self.parts(entry.thing, None, entry)
        before, entry.shadow = entry.shadow, parts
        return before != parts

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        import scipy.sparse

        if parts[0] not in _NAMES:
            raise Refused("there is no such sparse array")
        kind = getattr(scipy.sparse, parts[0])
        made = kind.__new__(kind)
        self.fill(made, parts, reader, None)
        return made

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        name, shape, forms, content = parts
        if type(thing).__name__ != name:
            raise Refused("a sparse array became one of another format")
        if type(shape) is not list or any(type(n) is not int or n < 0 for n in shape):
            raise Refused("the shape of a sparse array is malformed")
        held, at = [], 0
        for text, lengths in forms:
            found = dtype(text)
            if found.kind not in _KINDS:
                raise Refused("a sparse array holds something else than numbers")
            end = at + prod(lengths) * found.itemsize
            held.append(shown(found, tuple(lengths), content[at:end]).copy())
            at = end
        given = (held[0], tuple(held[1:])) if _NAMES[name] == "coo" else tuple(held)
        try:
            new = type(thing)(given, shape=tuple(shape))
            if hasattr(new, "check_format"):
                new.check_format(full_check=True)
        except (ValueError, TypeError, IndexError) as error:
            raise Refused(f"a sparse array is malformed: {error!s:.200}") from None
        thing.__dict__.clear()
        thing.__dict__.update(new.__dict__)


def _held(thing: Any) -> list[Any]:
    """Return the arrays that a sparse array holds; of ``coo``, one for each dimension."""
    form = _NAMES[type(thing).__name__]
    if form == "coo":
        return [thing.data, *thing.coords]
    return [getattr(thing, part) for part in _ARRAYS[form]]


def codecs(peer: Any) -> list[Codec]:
    """Return the codec of SciPy's sparse arrays."""
    return [Sparse()]


STATES = ()
OPERATIONS: dict[str, Any] = {}
