"""pandas' series, frames and indexes, as columns of plain values."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.plain import KINDS, dtype


def _pandas() -> Any:
    return sys.modules.get("pandas")


def _take(values: Any, writer: Any) -> list[Any]:
    """Return the name of a column's type, and its values: an array of plain ones, or a list."""
    plain = np.asarray(values)
    if plain.dtype.kind in KINDS and isinstance(values.dtype, np.dtype):
        return ["array", plain.dtype.str, plain.tobytes().decode("latin-1"), len(plain)]
    return ["list", str(values.dtype), [writer.slot(_none(v)) for v in values.tolist()], 0]


def _none(value: Any) -> Any:
    return None if value is _pandas().NA else value


def _give(parts: Any, reader: Any) -> Any:
    form, kind, held, length = parts
    if form == "array":
        found = np.frombuffer(held.encode("latin-1"), dtype(kind))
        if len(found) != length:
            raise Refused("a column is malformed")
        return found.copy()
    values = reader.values(held)
    whole = np.empty(len(values), dtype=object)
    whole[:] = values
    known = kind in ("object", "str", "string", "category", "boolean", "Int64", "Float64")
    return _pandas().array(whole, dtype=kind) if known and kind != "object" else whole


class Frames(Codec):
    """Frames, series and indexes of one level."""

    tag = "PD"

    def takes(self, kind: type) -> bool:
        pandas = _pandas()
        names = ("DataFrame", "Series", "Index", "RangeIndex")
        return pandas is not None and kind in [getattr(pandas, name) for name in names]

    def fits(self, thing: Any) -> bool:
        pandas = _pandas()
        if type(thing) is pandas.DataFrame:
            return self._flat(thing.index) and self._flat(thing.columns)
        return self._flat(thing.index if type(thing) is pandas.Series else thing)

    @staticmethod
    def _flat(index: Any) -> bool:
        return type(index) in (_pandas().Index, _pandas().RangeIndex)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        kind = type(thing).__name__
        if kind == "DataFrame":
            columns = [_take(thing.iloc[:, n], writer) for n in range(thing.shape[1])]
            return [kind, self._index(thing.index, writer), self._index(thing.columns, writer),
                    columns]  # fmt: skip
        if kind == "Series":
            name = writer.slot(thing.name)
            return [kind, self._index(thing.index, writer), name, [_take(thing, writer)]]
        return [kind, self._index(thing, writer), None, []]

    @staticmethod
    def _index(index: Any, writer: Any) -> list[Any]:
        if type(index).__name__ == "RangeIndex":
            return ["range", writer.slot(index.name), [index.start, index.stop, index.step]]
        return ["values", writer.slot(index.name), _take(index, writer)]

    def _as_index(self, parts: Any, reader: Any) -> Any:
        form, name, held = parts
        if form == "range":
            return _pandas().RangeIndex(*held, name=reader.value(name))
        return _pandas().Index(_give(held, reader), name=reader.value(name))

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        import pandas

        if parts[0] in ("Index", "RangeIndex"):
            return self._as_index(parts[1], reader)
        if parts[0] not in ("DataFrame", "Series"):
            raise Refused("there is no such frame")
        return getattr(pandas, parts[0])(dtype="float64" if parts[0] == "Series" else None)

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        pandas = _pandas()
        if parts[0] in ("Index", "RangeIndex"):
            return
        index = self._as_index(parts[1], reader)
        columns = [_give(column, reader) for column in parts[3]]
        if parts[0] == "Series":
            new = pandas.Series(columns[0], index, name=reader.value(parts[2]))
        else:
            new = pandas.DataFrame(dict(enumerate(columns)), index)
            new.columns = self._as_index(parts[2], reader)
        thing.__dict__.update(new.__dict__)


def codecs(peer: Any) -> list[Codec]:
    """Return the codec of pandas' objects."""
    return [Frames()]


STATES = ()
OPERATIONS: dict[str, Any] = {}
