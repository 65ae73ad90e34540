"""Values that never change: written in place, and made anew on the other side.

``None``, booleans, numbers and strings are JSON's own; a list that begins with a number refers to
an object; one that begins with a tag is one of the kinds below. Types are exact: a subclass of
``float`` is an object of whoever wrote it, and no number.
"""

from __future__ import annotations

import datetime as dt
import math
import types
from collections import namedtuple
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import PosixPath, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

import numpy as np

from autograders.grading.crossing.errors import Refused

ATOMS = frozenset({type(None), bool, str, float})
LARGEST_INT = 2**63
DEEPEST = 100  # values inside values
LONGEST = 10_000  # bits or letters of a fraction's or a decimal number's parts
_NAN = {"numpy": np.nan, "math": math.nan}
KINDS = "biufcSUMm"  # of plain arrays: no objects, no records


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Refused("a text was expected in a value")
    return value


def _bytes(value: Any) -> bytes:
    return _text(value).encode("latin-1")


def dtype(text: Any) -> np.dtype:
    """Return the type of a plain array's entries.

    Raises
    ------
    Refused
        If it is not plain.
    """
    found = np.dtype(_text(text))
    if found.kind not in KINDS:
        raise Refused(f"arrays of {text!r:.40} are not passed")
    return found


def spelled(kind: np.dtype) -> str:
    """Return the text from which :func:`dtype` makes a type of entries.

    C has two names for whole numbers of 64 bits, and NumPy keeps them apart.

    Examples
    --------
    >>> spelled(np.dtype("int64")), spelled(np.dtype("longlong"))
    ('<i8', '=q')
    """
    text = kind.str
    return text if np.dtype(text).char == kind.char else kind.byteorder + kind.char


def _scalar(kind: Any, content: Any) -> Any:
    found = dtype(kind)
    if not found.itemsize:  # an empty text
        return found.type()
    return np.frombuffer(_bytes(content), found, count=1)[0]


def _short(value: Any) -> Any:
    """Return a number, or a text of one, that does not take long to compute with."""
    if (value.bit_length() if type(value) is int else len(value)) > LONGEST:
        raise Refused("a number is too long")
    return value


def _whole(*parts: Any) -> tuple[int, ...]:
    if any(type(part) is not int for part in parts):
        raise Refused("whole numbers were expected in a value")
    return parts


def _zone(moment: dt.datetime | dt.time) -> float | None:
    offset = moment.utcoffset()
    return None if offset is None else offset.total_seconds()


def _as_zone(seconds: float | None) -> dt.tzinfo | None:
    return None if seconds is None else dt.timezone(dt.timedelta(seconds=seconds))


def _moment(*parts: Any) -> dt.datetime:
    year, month, day, hour, minute, second, microsecond, fold = _whole(*parts[:8])
    zone = _as_zone(parts[8])
    return dt.datetime(year, month, day, hour, minute, second, microsecond, zone, fold=fold)


def _time(*parts: Any) -> dt.time:
    hour, minute, second, microsecond, fold = _whole(*parts[:5])
    return dt.time(hour, minute, second, microsecond, _as_zone(parts[5]), fold=fold)


# By type: its tag, and what it is made of; by tag: how it is made of that.
_TAKE: dict[type, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    complex: ("c", lambda v: (v.real, v.imag)),
    bytes: ("b", lambda v: (v.decode("latin-1"),)),
    tuple: ("t", lambda v: v),
    frozenset: ("fs", tuple),
    range: ("r", lambda v: (v.start, v.stop, v.step)),
    slice: ("sl", lambda v: (v.start, v.stop, v.step)),
    type(Ellipsis): ("e", lambda v: ()),
    type(NotImplemented): ("ni", lambda v: ()),
    Decimal: ("de", lambda v: (str(v),)),
    Fraction: ("fr", lambda v: (v.numerator, v.denominator)),
    dt.date: ("da", lambda v: (v.year, v.month, v.day)),
    dt.time: (
        "ti",
        lambda v: (v.hour, v.minute, v.second, v.microsecond, v.fold, _zone(v)),
    ),
    dt.datetime: (
        "dt",
        lambda v: (v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, v.fold,
                   _zone(v)),
    ),
    dt.timedelta: ("td", lambda v: (v.days, v.seconds, v.microseconds)),
    UUID: ("uu", lambda v: (str(v),)),
    PosixPath: ("pa", lambda v: (str(v),)),
    PurePosixPath: ("pp", lambda v: (str(v),)),
    partial: ("pt", lambda v: (v.func, v.args, tuple(v.keywords.items()))),
    types.MappingProxyType: ("mp", lambda v: (dict(v),)),
    type({}.keys()): ("dk", lambda v: (dict.fromkeys(v),)),
    type({}.items()): ("di", lambda v: (dict(v),)),
    type({}.values()): ("dv", lambda v: (dict(enumerate(v)),)),
}  # fmt: skip


def _partial(function: Any, arguments: Any, keywords: Any) -> Any:
    if type(arguments) is not tuple or type(keywords) is not tuple:
        raise Refused("a partial function is malformed")
    return partial(function, *arguments, **dict(keywords))


def _view(show: Callable[[dict[Any, Any]], Any]) -> Callable[[Any], Any]:
    def view(mapping: Any) -> Any:
        if type(mapping) is not dict:
            raise Refused("a view of a dictionary is malformed")
        return show(mapping)

    return view


_MAKE: dict[str, Callable[..., Any]] = {
    "c": lambda real, imag: complex(float(real), float(imag)),
    "b": _bytes,
    "t": lambda *parts: parts,
    "fs": lambda *parts: frozenset(parts),
    "r": lambda *parts: range(*_whole(*parts)),
    "sl": lambda *parts: slice(*parts),
    "e": lambda: Ellipsis,
    "ni": lambda: NotImplemented,
    "i": lambda text: int(_text(text), 16),
    "np": _scalar,
    "ty": dtype,
    "nan": lambda name: _NAN[_text(name)],
    "de": lambda text: Decimal(_short(_text(text))),
    "fr": lambda above, below: Fraction(*_whole(_short(above), _short(below))),
    "da": lambda *parts: dt.date(*_whole(*parts)),
    "ti": _time,
    "dt": _moment,
    "td": lambda *parts: dt.timedelta(*_whole(*parts)),
    "uu": lambda text: UUID(_text(text)),
    "pa": lambda text: PosixPath(_text(text)),
    "pp": lambda text: PurePosixPath(_text(text)),
    "pt": _partial,
    "mp": _view(types.MappingProxyType),
    "dk": _view(dict.keys),
    "di": _view(dict.items),
    "dv": _view(dict.values),
    "tu": lambda name, fields, *parts: _named(name, fields, parts),
}


def _named(name: Any, fields: Any, parts: Any) -> Any:
    if type(fields) is not tuple:
        raise Refused("a named tuple is malformed")
    return named(_text(name), tuple(map(_text, fields)))(*parts)


def take(value: Any) -> tuple[str, tuple[Any, ...]] | None:
    r"""Return a value's tag and what it is made of, None if it is not of these kinds.

    Examples
    --------
    >>> take(2 + 1j)
    ('c', (2.0, 1.0))
    >>> take(np.float32(0.5))
    ('np', ('<f4', '\x00\x00\x00?'))
    >>> take([]) is None
    True
    """
    kind = type(value)
    known = _TAKE.get(kind)
    if known is not None:
        return known[0], known[1](value)
    if kind is int:
        return "i", (hex(value),)
    if isinstance(value, np.generic) and value.dtype.kind in KINDS and kind is value.dtype.type:
        return "np", (spelled(value.dtype), value.tobytes().decode("latin-1"))
    if isinstance(value, np.dtype) and value.kind in KINDS:
        return "ty", (spelled(value),)
    if kind.__base__ is tuple and is_named(kind):
        _ours[kind.__name__, kind._fields] = kind
        return "tu", (kind.__name__, kind._fields, *value)
    return None


def no_number(value: float) -> Any:
    """Return how a NaN is written: those that have a name are the same objects over there.

    Checks ask ``answer is np.nan``, since no NaN equals another.

    Examples
    --------
    >>> no_number(np.nan), no_number(float("nan"))
    (['nan', 'numpy'], nan)
    """
    name = next((name for name, known in _NAN.items() if known is value), None)
    return value if name is None else ["nan", name]


def make(tag: Any, parts: list[Any]) -> Any:
    """Return the value of a tag and what it is made of.

    Raises
    ------
    Refused
        If there is no such kind, or it cannot be made of that.
    """
    maker = _MAKE.get(tag)
    if maker is None:
        raise Refused(f"there is no kind of value {tag!r:.20}")
    try:
        return maker(*parts)
    except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
        raise Refused(f"a value is malformed: {error!s:.200}") from None


class _Any(NamedTuple):
    x: int


# With all that this Python notes of a class and its body; from 3.14 on, one more for annotations.
_NAMED = frozenset(vars(_Any)) | {"__classdictcell__"}


def is_named(kind: type) -> bool:
    """Return whether a class is a named tuple and nothing more, whoever wrote it.

    Examples
    --------
    >>> is_named(namedtuple("Pair", "x y"))
    True
    """
    fields = kind.__dict__.get("_fields")
    return (
        kind.__mro__[1:] == (tuple, object)
        and type(fields) is tuple
        and all(type(field) is str for field in fields)
        and all(
            name in _NAMED or name in fields or name.startswith("__annot") for name in kind.__dict__
        )
    )


# Classes of named tuples that have crossed, so that what comes back is of the class that it was.
_ours: WeakValueDictionary[tuple[str, tuple[str, ...]], type] = WeakValueDictionary()


def named(name: str, fields: tuple[str, ...]) -> Callable[..., Any]:
    """Return the named tuple of a name and its fields; the same class every time."""
    return _ours.get((name, fields)) or _named_tuple(name, fields)


@lru_cache(maxsize=256)
def _named_tuple(name: str, fields: tuple[str, ...]) -> Callable[..., Any]:
    return namedtuple(name, fields, rename=True)
