"""SciPy's sparse arrays and matrices: their class by its name, and the arrays that they hold."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused

_ARRAYS = {
    **dict.fromkeys(("csr", "csc", "bsr"), ("data", "indices", "indptr")),
    "coo": ("data", "row", "col"),
    "dia": ("data", "offsets"),
}
_NAMES = {f"{form}_{kind}": form for form in _ARRAYS for kind in ("array", "matrix")}


def _classes() -> dict[str, type]:
    """Return SciPy's classes by name, none as long as nobody has imported them."""
    module = sys.modules.get("scipy.sparse")
    return {name: getattr(module, name) for name in _NAMES} if module else {}


class Sparse(Codec):
    """Sparse arrays of a format that is made of plain arrays."""

    tag = "SP"

    def takes(self, kind: type) -> bool:
        return _classes().get(kind.__name__) is kind

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        name = type(thing).__name__
        held = [getattr(thing, part) for part in _ARRAYS[_NAMES[name]]]
        return [name, list(map(int, thing.shape)), [writer.slot(part) for part in held]]

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        import scipy.sparse

        if parts[0] not in _NAMES:
            raise Refused("there is no such sparse array")
        shape = parts[1]
        if type(shape) is not list or any(type(n) is not int or n < 0 for n in shape):
            raise Refused("the shape of a sparse array is malformed")
        kind = getattr(scipy.sparse, parts[0])
        return kind.__new__(kind)

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        held = reader.values(parts[2])
        if not all(type(part) is np.ndarray and part.dtype.kind in "biufc" for part in held):
            raise Refused("a sparse array holds something else than arrays")
        form, shape = _NAMES[parts[0]], tuple(parts[1])
        given = (held[0], (held[1], held[2])) if form == "coo" else tuple(held)
        try:
            type(thing).__init__(thing, given, shape=shape)
            if hasattr(thing, "check_format"):
                thing.check_format(full_check=True)
        except (ValueError, TypeError, IndexError) as error:
            raise Refused(f"a sparse array is malformed: {error!s:.200}") from None


def codecs(peer: Any) -> list[Codec]:
    """Return the codec of SciPy's sparse arrays."""
    return [Sparse()]


STATES = ()
OPERATIONS: dict[str, Any] = {}
