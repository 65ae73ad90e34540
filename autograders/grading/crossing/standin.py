"""Stand-ins: what lives on the other side, and is called from here.

A function, a class or an object of the other side's stands here for itself: calls, attributes,
items, iteration and ``with`` go across, and come back as values. A class that is derived from one
of the library's is derived from it here too: its objects are copies, and only what the class itself
defines runs on the other side.

A stand-in does not speak for itself against a value. Operators between two of them are the other
side's; between one and anything else Python's own rules hold, as for an object that defines none.
"""

from __future__ import annotations

import dataclasses
import inspect
import linecache
import sys
import types
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.table import MINE

MOST_NAMES = 2000
MOST_BASES = 50
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_FLAGS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_VALUES = (
    int,
    float,
    complex,
    str,
    bytes,
    list,
    tuple,
    dict,
    set,
    frozenset,
    np.ndarray,
    np.generic,
)
# What a check may read of a function or a class of an answer's.
_OF_FUNCTIONS = frozenset({"__defaults__", "__kwdefaults__", "__wrapped__"})
_OF_CLASSES = frozenset({"__match_args__", "__members__"})
_FIELDS = "__dataclass_fields__"
_IS_FIELD = getattr(dataclasses, "_FIELD")  # noqa: B009  (what marks a field that is one)
# What a stand-in says that it is, for a check that asks ``isinstance``: a name, no behaviour.
_KINDS = {
    kind.__name__: kind
    for kind in (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
}


class Far:
    """A stand-in for an object."""

    __slots__ = ("__weakref__", "_far_hash")
    __array_ufunc__ = None  # so that an array does not look into it
    _far_peer: Any  # set on each class that is made for one side's peer

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array") or name == "_far_hash":
            raise AttributeError(name)  # NumPy asks everything for these
        if name == _FIELDS and self._far_peer.judge:
            return getattr(type(self), name)
        return self._far_peer.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._far_peer.request("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._far_peer.request("delete", self, name)

    def __repr__(self) -> str:
        return self._far_peer.request("repr", self)

    def __str__(self) -> str:
        return self._far_peer.request("str", self)

    def __format__(self, how: str) -> str:
        if self._far_peer.speakers.may(self, "__format__"):
            found = self._far_peer.request("method", self, "__format__", how)
            if type(found) is str:
                return found
        return format(str(self), how)

    def __copy__(self) -> Any:
        return self._far_peer.request("copy", self)

    def __deepcopy__(self, memo: Any) -> Any:
        return self._far_peer.request("deep copy", self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"a {type(self).__name__} cannot be pickled here")

    def __hash__(self) -> int:
        try:  # it came with the object: sets and dictionaries need it while they are read
            return object.__getattribute__(self, "_far_hash")
        except AttributeError:
            return object.__hash__(self)


class FarFunction(Far):
    """A stand-in for a function."""

    __slots__ = ("_far_doc", "_far_flags", "_far_name")

    def __call__(self, /, *arguments: Any, **keywords: Any) -> Any:
        return self._far_peer.request("call", self, *arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        if name in ("__name__", "__qualname__"):
            return self._far_name
        if name == "__code__":
            return _Code(self)
        if name == "__signature__":
            peer = self._far_peer
            return signature(peer.request("signature" if peer.judge else "parameters", self))
        if name.startswith("__") and not (name in _OF_FUNCTIONS and self._far_peer.judge):
            raise AttributeError(name)
        return super().__getattr__(name)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return types.FunctionType

    def __repr__(self) -> str:
        return f"<function {self._far_name}>"

    __str__ = __repr__

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self._far_doc


def _annotations(self: Any) -> Any:
    if not self._far_peer.judge:
        raise AttributeError("__annotations__")
    return self._far_peer.request("get", self, "__annotations__")


# Of each class of functions: there, Python would look for those of the class itself.
OF_ITS_CLASS = {
    "__annotations__": property(_annotations),
    "__doc__": vars(FarFunction)["__doc__"],
    "__module__": "__main__",
}


class _Code:
    """What :mod:`inspect` asks of a function's code: its kind, and where its text stands.

    The text is what the other side shows for it: a value, which is never run here.
    """

    __slots__ = ("_function",)
    co_firstlineno = 1

    def __init__(self, function: FarFunction) -> None:
        self._function = function

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return types.CodeType

    @property
    def co_flags(self) -> int:
        return self._function._far_flags

    @property
    def co_filename(self) -> str:
        peer = self._function._far_peer
        text = peer.request("source", self._function) if peer.judge else None
        if type(text) is not str:
            raise OSError("could not get source code")
        name = f"<{self._function._far_name}, {hash(text):x}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        return name


def _operator(name: str) -> Callable[..., Any]:
    def operate(self: Any, other: Any) -> Any:
        peer = self._far_peer
        if isinstance(other, Far) and other._far_peer is peer:
            return peer.speakers.said(peer.request("operate", name, self, other), self, other)
        if peer.speakers.may(self, f"__{name}__"):
            return peer.speakers.said(peer.request("operate", name, self, other), self, None)
        return NotImplemented

    operate.__name__ = f"__{name}__"
    return operate


def _reflected(name: str) -> Callable[..., Any]:
    def operate(self: Any, other: Any) -> Any:
        peer = self._far_peer
        if peer.speakers.may(self, f"__r{name}__"):
            return peer.speakers.said(peer.request("operate", name, other, self), self, None)
        return NotImplemented

    operate.__name__ = f"__r{name}__"
    return operate


def _in_place(name: str) -> Callable[..., Any]:
    def operate(self: Any, other: Any) -> Any:
        peer = self._far_peer
        if peer.speakers.may(self, f"__i{name}__"):
            return peer.request("method", self, f"__i{name}__", other)
        return NotImplemented

    operate.__name__ = f"__i{name}__"
    return operate


def _alone(name: str, kind: type | None) -> Callable[..., Any]:
    """Return an operator of one operand, whose result has to be of a type."""

    def operate(self: Any, *rest: Any) -> Any:
        peer = self._far_peer
        if not peer.speakers.may(self, f"__{name}__"):
            raise TypeError(f"{name} is not for a {type(self).__name__!r}")
        found = peer.request("method", self, f"__{name}__", *rest)
        if kind is None:
            return peer.speakers.said(found, self, self)
        if type(found) is not kind:
            raise TypeError(f"{name} of a {type(self).__name__!r} is no {kind.__name__}")
        return found

    operate.__name__ = f"__{name}__"
    return operate


def _between(name: str) -> Callable[..., Any]:
    """Return an operator of a class that is derived from one of the library's."""

    def operate(self: Any, other: Any) -> Any:
        if isinstance(type(other), FarClass):
            return self._far_peer.request("operate", name, self, other)
        return NotImplemented

    operate.__name__ = f"__{name}__"
    return operate


COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
OPERATORS = (*COMPARISONS, *_ARITHMETIC, "and", "or", "xor", "lshift", "rshift")
ALONE = {
    **dict.fromkeys(("neg", "pos", "abs", "invert", "round")),
    "float": float, "int": int, "index": int, "trunc": int,
}  # fmt: skip
for _name in OPERATORS:
    setattr(Far, f"__{_name}__", _operator(_name))
    if _name not in COMPARISONS:
        setattr(Far, f"__r{_name}__", _reflected(_name))
        setattr(Far, f"__i{_name}__", _in_place(_name))
for _name, _kind in ALONE.items():
    setattr(Far, f"__{_name}__", _alone(_name, _kind))
# What a class that is derived from one of the library's defines itself, and objects of it do.
_DERIVED: dict[str, Callable[..., Any]] = {
    **{f"__{name}__": _between(name) for name in OPERATORS},
    "__repr__": Far.__repr__,
    "__str__": Far.__str__,
}


def _forward(operation: str) -> Callable[..., Any]:
    def forward(self: Any, /, *arguments: Any, **keywords: Any) -> Any:
        return self._far_peer.request(operation, self, *arguments, **keywords)

    return forward


def _length(self: Any) -> int:
    length = self._far_peer.request("length", self)
    if type(length) is not int or length < 0:
        raise TypeError(f"the length of a {type(self).__name__} is no whole number")
    return length


def _truth(self: Any) -> bool:
    return self._far_peer.request("truth", self) is True


def _contains(self: Any, item: Any) -> bool:
    return self._far_peer.request("contains", self, item) is True


def _exit(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    return self._far_peer.request("exit", self, error)


def _await(self: Any) -> Any:
    return self._far_peer.request("await", self)
    yield


def _send(self: Any, value: Any) -> Any:
    """Run a coroutine to its end, for a task that takes the first step of it."""
    raise StopIteration(self._far_peer.request("await", self))


def _named(name: str) -> Callable[..., Any]:
    """Return a method of a protocol that is nothing but a call."""

    def named(self: Any, /, *arguments: Any) -> Any:
        return self._far_peer.request("method", self, name, *arguments)

    return named


def _exit_async(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    return self._far_peer.request("method", self, "__aexit__", kind, error, None)


PROTOCOLS: dict[str, Callable[..., Any]] = {
    "__call__": _forward("call"),
    "__getitem__": _forward("item"),
    "__setitem__": _forward("set item"),
    "__delitem__": _forward("delete item"),
    "__iter__": _forward("iterate"),
    "__next__": _forward("next"),
    "__reversed__": _forward("reversed"),
    "__enter__": _forward("enter"),
    "__len__": _length,
    "__bool__": _truth,
    "__contains__": _contains,
    "__exit__": _exit,
    "__await__": _await,
    "__aiter__": _named("__aiter__"),
    "__anext__": _named("__anext__"),
    "__aenter__": _named("__aenter__"),
    "__aexit__": _exit_async,
}


# Names of Python's own that a class may define there; its ``__init__`` can be looked at alone.
_CROSSING = {*PROTOCOLS, *_DERIVED, "__init__"}


class FarClass(type):
    """The class of stand-ins for classes."""

    _far_peer: Any

    def __call__(cls, /, *arguments: Any, **keywords: Any) -> Any:
        peer = cls._far_peer
        return peer.speakers.made(peer.request("call", cls, *arguments, **keywords), cls)

    def __getattr__(cls, name: str) -> Any:
        if name == _FIELDS and cls._far_peer.judge:
            return _fields(cls)
        if name.startswith("__") and not (name in _OF_CLASSES and cls._far_peer.judge):
            raise AttributeError(name)
        return cls._far_peer.request("get", cls, name)

    # Of an enumeration, say; a class that is none says so over there.

    def __iter__(cls) -> Any:
        return cls._far_peer.request("iterate", cls)

    def __len__(cls) -> int:
        return _length(cls)

    def __bool__(cls) -> bool:
        return True

    def __contains__(cls, item: Any) -> bool:
        return _contains(cls, item)

    def __getitem__(cls, key: Any) -> Any:
        return cls._far_peer.request("item", cls, key)


def _fields(kind: type) -> dict[str, Any]:
    """Return the fields of a dataclass of the other side's, as :mod:`dataclasses` has them."""
    found = kind._far_peer.request("fields", kind)  # type: ignore[attr-defined]
    if type(found) is not tuple:
        raise AttributeError(_FIELDS)
    made = {}
    for name, annotated, begins, has, default in found:
        given = {"default": default} if has else {}
        one: Any = dataclasses.field(init=begins is True, **given)
        one.name, one.type, one._field_type = name, annotated, _IS_FIELD
        made[name] = one
    return made


def fields(kind: type) -> tuple[Any, ...] | None:
    """Return the fields of a dataclass, None of another class: name, type, and what is given."""
    if not dataclasses.is_dataclass(kind):
        return None
    found = []
    for one in dataclasses.fields(kind):
        has = one.default is not dataclasses.MISSING
        found.append((one.name, one.type, one.init, has, one.default if has else None))
    return tuple(found)


@lru_cache(maxsize=64)
def _meta(*kinds: type) -> type:
    """Return a metaclass that is a :class:`FarClass`, and whatever the classes' bases need."""
    own = [kind for kind in dict.fromkeys(kinds) if kind is not type]
    if any(issubclass(kind, FarClass) for kind in own):
        return own[0] if len(own) == 1 else type("FarClass", tuple(own), {})
    return type("FarClass", (FarClass, *own), {}) if own else FarClass


class _Remote:
    """An attribute that a class of the other side's defines; an object's own goes before it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, thing: Any, kind: Any = None) -> Any:
        return kind._far_peer.request("get", kind if thing is None else thing, self.name)


class _RemoteProperty(_Remote):
    """A property of a class of the other side's."""

    def __set__(self, thing: Any, value: Any) -> None:
        type(thing)._far_peer.request("set", thing, self.name, value)


class _Method(_Remote):
    """A method: a call is one message, and :mod:`inspect` is told what it is over there."""

    owner: Any

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner = owner
        self.__name__ = name
        self.__qualname__ = f"{owner.__name__}.{name}"

    def __get__(self, thing: Any, kind: Any = None) -> Any:
        return self if thing is None else types.MethodType(self, thing)

    def __call__(self, thing: Any, /, *arguments: Any, **keywords: Any) -> Any:
        return thing._far_peer.request("method", thing, self.name, *arguments, **keywords)

    @property
    def __wrapped__(self) -> Any:
        return super().__get__(None, self.owner)

    @property
    def __signature__(self) -> inspect.Signature:
        return self.__wrapped__.__signature__

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return types.FunctionType


class Functions(Codec):
    """Functions of one side's own, and bound methods."""

    tag = "H"
    kind = MINE

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def takes(self, kind: type) -> bool:
        return issubclass(kind, _FUNCTIONS)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        name, doc = getattr(thing, "__name__", ""), getattr(thing, "__doc__", None)
        flags = getattr(getattr(thing, "__code__", None), "co_flags", 0)
        flags = flags & _FLAGS if type(flags) is int else 0
        return [_short(name), _short(doc) if doc else None, flags]

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        name, doc, flags = parts
        if type(name) is not str or type(doc) not in (str, type(None)) or type(flags) is not int:
            raise Refused("a function is malformed")
        made = object.__new__(self.peer.function_kind)
        object.__setattr__(made, "_far_name", name)
        object.__setattr__(made, "_far_doc", doc)
        object.__setattr__(made, "_far_flags", flags & _FLAGS)
        return made


class Others(Codec):
    """Objects of classes of one side's own."""

    tag = "F"
    kind = MINE

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def takes(self, kind: type) -> bool:
        return True

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        kind = type(thing)
        known = self.peer.names.of_class(kind) is not None or kind in _KINDS.values()
        slot = None if known else writer.slot(kind)
        return [slot, _short(kind.__name__), protocols(kind), _hash_of(thing)]

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        slot, name, names, *rest = parts
        kind = reader.value(slot)
        if kind is None and type(name) is str and _are_names(names):
            kind = _unnamed(self.peer, name, tuple(names))
        if not isinstance(kind, type) or not issubclass(kind, Far):
            raise Refused("an object has no class of its side's own")
        made = object.__new__(kind)
        if rest and type(rest[0]) is int:
            object.__setattr__(made, "_far_hash", hash(rest[0]))
        return made


def _hash_of(thing: Any) -> int | None:
    """Return an object's hash, None if its class leaves that to Python."""
    own: Any = type(thing).__hash__
    if own is None or own is object.__hash__:
        return None
    try:
        return hash(thing)
    except Exception:
        return None


class Classes(Codec):
    """Classes of one side's own."""

    tag = "C"
    kind = MINE

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def takes(self, kind: type) -> bool:
        return issubclass(kind, type)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        own = self.peer.is_own(thing)
        bases = [writer.slot(base) for base in self._bases(thing)]
        methods, variables, properties = [], [], []
        for name, value in list(vars(thing).items())[:MOST_NAMES] if own else ():
            if type(name) is not str or (name.startswith("__") and name not in _CROSSING):
                continue
            if isinstance(value, types.FunctionType):
                methods.append(name)
            elif hasattr(type(value), "__set__") or isinstance(value, property):
                properties.append(name)
            elif not isinstance(value, types.MemberDescriptorType):
                variables.append(name)
        names = [protocols(thing), methods, variables, properties]
        here = thing.__module__ == "__main__"
        origin = [] if here else [_short(f"{thing.__module__}:{thing.__qualname__}")]
        return [_short(thing.__name__), bases, *names, *origin]

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        name, bases, *names = parts
        origin = names.pop() if len(names) == 5 else ""
        if type(name) is not str or len(names) != 4 or not all(map(_may_cross, names)):
            raise Refused("a class is malformed")
        shown, methods, variables, properties = names
        found = reader.values(bases)
        if not all(isinstance(base, type) for base in found):
            raise Refused("a class has bases that are none")
        if len(found) > MOST_BASES or any(len(base.__mro__) > MOST_BASES for base in found):
            raise Refused(f"a class {name!r:.80} has too many bases")
        body: dict[str, Any] = {"_far_peer": self.peer, "__module__": "__main__"}
        libraries = [base for base in map(self.peer.library_base, found) if base is not None]
        if libraries:
            body |= {n: _Method(n) for n in methods if n not in _DERIVED and n != "__init__"}
            if all(map(self.peer.names.is_of_notebook, libraries)):
                body |= {n: _DERIVED[n] for n in methods if n in _DERIVED}
                if "__eq__" in methods:
                    body["__hash__"] = object.__hash__
            body |= {n: PROTOCOLS[n] for n in methods if n in ("__len__", "__bool__")}
            body |= {n: _Remote(n) for n in variables} | {n: _RemoteProperty(n) for n in properties}
        elif not any(issubclass(base, BaseException) for base in found):
            found = [base for base in found if issubclass(base, Far)] or [Far]
            body |= {n: PROTOCOLS[n] for n in shown if n in PROTOCOLS}
            body |= {n: _Method(n) for n in methods if n not in _CROSSING}
            body |= {n: _Remote(n) for n in methods if n == "__init__"}
            body["__slots__"] = ()
            if self.peer.judge:
                body |= {n: _Remote(n) for n in ("__doc__", "__annotations__")}
            if origin:  # its module may be imported later
                body["__class__"] = property(lambda self: _installed(origin) or type(self))
        try:
            return _meta(*map(type, found))(name or "_", tuple(found), body)
        except Exception as error:
            raise Refused(f"a class {name!r:.80} cannot be passed: {error!s:.200}") from None

    def _bases(self, thing: type) -> list[type]:
        """Return the bases that count: the library's, errors, and classes of one side's own."""
        found = []
        for base in thing.__bases__:
            if self.peer.is_own(base) or self.peer.library_base(base) is not None:
                found.append(base)
            elif issubclass(base, BaseException):
                found.append(next(k for k in base.__mro__ if self.peer.names.of_class(k)))
        return found


def _installed(origin: Any) -> type | None:
    """Return the class that both sides have installed, for ``isinstance``: no value's class."""
    module, _, path = origin.partition(":") if type(origin) is str else ("", "", "")
    if module.partition(".")[0] in ("builtins", "numpy", "__main__") or module not in sys.modules:
        return None
    found: Any = vars(sys.modules[module]).get(path)
    plain = isinstance(found, type) and not issubclass(found, _VALUES)
    return found if plain else None


def protocols(kind: type) -> list[str]:
    """Return which of the protocols that go across a class has."""
    bases = kind.__mro__[:-1]
    return [n for n in PROTOCOLS if any(vars(base).get(n) is not None for base in bases)]


@lru_cache(maxsize=256)
def _unnamed(peer: Any, name: str, names: tuple[str, ...]) -> type:
    """Return a class of stand-ins for objects whose class has a name on both sides."""
    body: dict[str, Any] = {n: PROTOCOLS[n] for n in names if n in PROTOCOLS}
    if name in _KINDS:
        body["__class__"] = property(lambda self: _KINDS[name])
    if name == types.CoroutineType.__name__:
        body["send"] = _send
    return FarClass(name, (Far,), {"_far_peer": peer, "__slots__": (), **body})


def _short(text: Any) -> str:
    return str.__str__(text)[:2000] if isinstance(text, str) else ""


def _are_names(names: Any) -> bool:
    return (
        type(names) is list
        and len(names) <= MOST_NAMES
        and all(type(name) is str and (name.isidentifier()) for name in names)
    )


def _may_cross(names: Any) -> bool:
    """Return whether a class may define names; of Python's own only those that go across."""
    return _are_names(names) and all(
        name in _CROSSING or not name.startswith(("__", "_far_")) for name in names
    )


def signature(parts: Any) -> inspect.Signature:
    """Return a signature of what :func:`describe` returned."""
    p = inspect.Parameter
    kinds = (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL, p.KEYWORD_ONLY,
             p.VAR_KEYWORD)  # fmt: skip
    return inspect.Signature(
        [
            p(name, kinds[kind], default=default if has else p.empty)
            for name, kind, has, default in parts
        ]
    )


def describe(function: Any) -> tuple[Any, ...]:
    """Return a function's parameters: name, kind, whether there is a default, and which."""
    return tuple(
        (p.name, int(p.kind), p.default is not p.empty, None if p.default is p.empty else p.default)
        for p in inspect.signature(function).parameters.values()
    )


def parameters(function: Any) -> tuple[Any, ...]:
    """Return what :func:`describe` does, without saying which defaults there are."""
    return tuple((*rest, has, ... if has else None) for *rest, has, _ in describe(function))
