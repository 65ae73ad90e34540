"""pandas' frames, series, indexes, moments and spans of time, as columns of plain values.

A column crosses by its type and its values: plain ones as an array, categories as codes, others one
by one. Types that are not listed here (intervals, sparse columns) make their frame a stand-in.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.plain import KINDS, dtype, spelled

_LISTED = ("object", "str", "string", "boolean", "Float32", "Float64", "UInt8", "UInt16", "UInt32",
           "UInt64", "Int8", "Int16", "Int32", "Int64")  # fmt: skip
_INDEXES = ("Index", "RangeIndex", "DatetimeIndex", "TimedeltaIndex", "CategoricalIndex",
            "PeriodIndex")  # fmt: skip


def _pandas() -> Any:
    return sys.modules.get("pandas")


# Columns


def _fits(values: Any) -> bool:
    """Return whether a column, or an index of one level, is of a type that crosses."""
    pandas, kind = _pandas(), values.dtype
    if isinstance(kind, np.dtype):
        return kind.kind in KINDS or kind.kind == "O"
    if isinstance(kind, pandas.CategoricalDtype):
        return kind.categories is not None and _is_index(kind.categories)
    return isinstance(kind, pandas.DatetimeTZDtype | pandas.PeriodDtype) or str(kind) in _LISTED


def _take(values: Any, writer: Any) -> list[Any]:
    """Return the form of a column, its type and its values."""
    pandas, kind = _pandas(), values.dtype
    if isinstance(kind, np.dtype) and kind.kind in KINDS:
        return ["array", *_array(np.asarray(values))]
    if isinstance(kind, pandas.CategoricalDtype):
        codes = np.asarray(pandas.Categorical(values).codes, dtype="<i8")
        return ["category", *_array(codes), _index(kind.categories, writer), bool(kind.ordered)]
    if isinstance(kind, pandas.DatetimeTZDtype):
        moments = np.asarray(pandas.DatetimeIndex(values).tz_convert("UTC").tz_localize(None))
        return ["zone", *_array(moments), str(kind.tz)]
    if isinstance(kind, pandas.PeriodDtype):
        return ["period", *_array(pandas.PeriodIndex(values).asi8), kind.freq.freqstr]
    slots = [writer.slot(None if value is pandas.NA else value) for value in values.tolist()]
    return ["list", str(kind), slots]


def _array(values: np.ndarray) -> list[Any]:
    return [spelled(values.dtype), values.tobytes().decode("latin-1")]


def _give(parts: Any, reader: Any) -> Any:
    """Return the values of a column."""
    pandas, form = _pandas(), parts[0]
    if form == "list":
        if parts[1] not in _LISTED:
            raise Refused("a column is of an unknown type")
        values = reader.values(parts[2])
        whole = np.empty(len(values), dtype=object)
        whole[:] = values
        return whole if parts[1] == "object" else pandas.array(whole, dtype=parts[1])
    found = np.frombuffer(parts[2].encode("latin-1"), dtype(parts[1])).copy()
    if form == "category":
        kind = pandas.CategoricalDtype(_as_index(parts[3], reader), bool(parts[4]))
        return pandas.Categorical.from_codes(found, dtype=kind)
    if form == "zone":
        return pandas.DatetimeIndex(found).tz_localize("UTC").tz_convert(parts[3])
    if form == "period":
        return pandas.PeriodIndex.from_ordinals(found, freq=parts[3])
    return found


# Indexes


def _is_index(thing: Any) -> bool:
    name = type(thing).__name__
    if type(thing) is not getattr(_pandas(), name, None):
        return False
    if name == "MultiIndex":
        return all(_is_index(level) for level in thing.levels)
    return name in _INDEXES and _fits(thing)


def _index(index: Any, writer: Any) -> list[Any]:
    name = type(index).__name__
    if name == "MultiIndex":
        levels = [_index(level, writer) for level in index.levels]
        codes = [_array(np.asarray(code, dtype="<i8")) for code in index.codes]
        return ["many", [writer.slot(name) for name in index.names], levels, codes]
    if name == "RangeIndex":
        return ["range", writer.slot(index.name), [index.start, index.stop, index.step]]
    often = getattr(index, "freqstr", None) if name in ("DatetimeIndex", "TimedeltaIndex") else None
    return [name, writer.slot(index.name), _take(index, writer), often]


def _as_index(parts: Any, reader: Any) -> Any:
    pandas, form = _pandas(), parts[0]
    name = reader.values(parts[1]) if form == "many" else reader.value(parts[1])
    if form == "many":
        levels = [_as_index(level, reader) for level in parts[2]]
        codes = [np.frombuffer(code[1].encode("latin-1"), dtype(code[0])) for code in parts[3]]
        return pandas.MultiIndex(levels=levels, codes=codes, names=name)
    if form == "range":
        return pandas.RangeIndex(*parts[2], name=name)
    if form not in _INDEXES:
        raise Refused("there is no such index")
    values = _give(parts[2], reader)
    often = {} if parts[3] is None else {"freq": parts[3]}
    if form == "Index":  # an index of texts that were not inferred stays one
        return pandas.Index(values, name=name, dtype=values.dtype)
    return getattr(pandas, form)(values, name=name, **often)


class Frames(Codec):
    """Frames, series and indexes."""

    tag = "PD"

    def takes(self, kind: type) -> bool:
        pandas = _pandas()
        names = ("DataFrame", "Series", "MultiIndex", *_INDEXES)
        return pandas is not None and kind in [getattr(pandas, name) for name in names]

    def fits(self, thing: Any) -> bool:
        pandas = _pandas()
        kind = type(thing)
        if kind is pandas.DataFrame:
            columns = (thing.iloc[:, number] for number in range(thing.shape[1]))
            return _is_index(thing.index) and _is_index(thing.columns) and all(map(_fits, columns))
        if kind is pandas.Series:
            return _is_index(thing.index) and _fits(thing)
        return _is_index(thing)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        kind = type(thing).__name__
        if kind == "DataFrame":
            columns = [_take(thing.iloc[:, n], writer) for n in range(thing.shape[1])]
            return [kind, _index(thing.index, writer), _index(thing.columns, writer), columns]
        if kind == "Series":
            name = writer.slot(thing.name)
            return [kind, _index(thing.index, writer), name, [_take(thing, writer)]]
        return ["Index", _index(thing, writer), None, []]

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        import pandas

        if parts[0] == "Index":
            return _as_index(parts[1], reader)
        if parts[0] not in ("DataFrame", "Series"):
            raise Refused("there is no such frame")
        return getattr(pandas, parts[0])(dtype="float64" if parts[0] == "Series" else None)

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        pandas = _pandas()
        if parts[0] == "Index":
            return
        index = _as_index(parts[1], reader)
        columns = [_give(column, reader) for column in parts[3]]
        if parts[0] == "Series":
            new = pandas.Series(columns[0], index, name=reader.value(parts[2]))
        else:
            new = pandas.DataFrame(dict(enumerate(columns)), index)
            new.columns = _as_index(parts[2], reader)
        thing.__dict__.update(new.__dict__)


class Moments(Codec):
    """Moments, spans of time and periods; what is missing, too."""

    tag = "PT"

    def takes(self, kind: type) -> bool:
        pandas = _pandas()
        if pandas is None:
            return False
        missing = (type(pandas.NaT), type(pandas.NA))
        return kind in (pandas.Timestamp, pandas.Timedelta, pandas.Period, *missing)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        kind = type(thing).__name__
        if kind == "Timestamp":
            zone = None if thing.tz is None else str(thing.tz)
            return [kind, thing._value, thing.unit, zone]
        if kind == "Timedelta":
            return [kind, thing._value, thing.unit, None]
        if kind == "Period":
            return [kind, thing.ordinal, thing.freqstr, None]
        return [kind, 0, "", None]

    def see(self, thing: Any) -> tuple[Any, ...]:
        return ()

    def is_as(self, thing: Any, seen: tuple[Any, ...]) -> bool:
        return True

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        import pandas

        kind, value, unit, zone = parts
        if kind == "Timestamp":
            moment = pandas.Timestamp(np.datetime64(value, unit))
            return moment if zone is None else moment.tz_localize("UTC").tz_convert(zone)
        if kind == "Timedelta":
            return pandas.Timedelta(np.timedelta64(value, unit))
        if kind == "Period":
            return pandas.Period(ordinal=value, freq=unit)
        return pandas.NA if kind == "NAType" else pandas.NaT

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        """Do nothing: these never change."""


def codecs(peer: Any) -> list[Codec]:
    """Return the codecs of pandas' objects."""
    return [Frames(), Moments()]


STATES = ()
OPERATIONS: dict[str, Any] = {}
