"""Exceptions, as their type and what they say.

One of Python's or the library's own crosses by its name, another as a stand-in of the nearest of
those that it is derived from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograders.grading.crossing.codecs import Codec
from autograders.grading.crossing.errors import Refused

LONGEST = 10_000  # characters of a message
_MOST_NOTES = 100
# What an error was raised from, and a group's errors, whatever its class says.
_CAUSE, _ERRORS_OF, _MESSAGE = (
    vars(kind)[name]
    for kind, name in (
        (BaseException, "__cause__"),
        (BaseExceptionGroup, "exceptions"),
        (BaseExceptionGroup, "message"),
    )
)
_HEAP = 1 << 9  # Python's flag of a class that was made by a ``class`` statement


def said(error: BaseException) -> str:
    """Return what an exception says, whatever its own class does when it is asked."""
    try:
        return str(error)[:LONGEST]
    except BaseException:
        return ""


def _is_simple(argument: Any) -> bool:
    kind = type(argument)
    if kind in (str, bytes, tuple):
        return len(argument) <= LONGEST and (kind is not tuple or all(map(_is_simple, argument)))
    return kind in (int, float, bool, type(None)) or issubclass(kind, np.number | np.bool)


def _new(kind: Any, arguments: tuple[Any, ...]) -> BaseException:
    """Return an error of a class, or of the nearest base that is made of such arguments."""
    for base in kind.__mro__:
        pythons = type(base) is type and base.__module__ == "builtins"
        try:
            return base(*arguments) if pythons else base.__new__(base, *arguments)
        except Exception:
            continue
    raise Refused(f"an error of {kind.__name__} cannot be passed")


def _notes(error: BaseException) -> list[str] | None:
    """Return what was added to an error, as far as that is text."""
    notes = getattr(error, "__notes__", None)
    if type(notes) is not list:
        return None
    return [note[:LONGEST] for note in notes[:_MOST_NOTES] if type(note) is str]


class Errors(Codec):
    """Exceptions that were raised, or passed as values."""

    tag = "X"

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def takes(self, kind: type) -> bool:
        return issubclass(kind, BaseException)

    def parts(self, thing: Any, writer: Any, entry: Any) -> list[Any]:
        if entry.note is None:  # it is as it was when it was first seen
            message = said(thing)
            # Of the system's errors, what they are made of is more than their arguments.
            system = isinstance(thing, OSError)
            arguments = OSError.__reduce__(thing)[1] if system else thing.args
            if isinstance(thing, BaseExceptionGroup):
                arguments = _MESSAGE.__get__(thing), _ERRORS_OF.__get__(thing)
            elif not _is_simple(arguments):
                arguments = (message,)
            slots = [writer.slot(argument) for argument in arguments]
            own = getattr(thing, "__dict__", {}) if type(thing).__flags__ & _HEAP else {}
            state = [[name, writer.slot(own[name])] for name in own if not name.startswith("__")]
            entry.note = [writer.slot(type(thing)), message, slots, state]
            if not self.peer.judge:
                cause = _CAUSE.__get__(thing)
                entry.note += [_notes(thing), writer.slot(cause)]
        return entry.note

    def see(self, thing: Any) -> tuple[Any, ...]:
        return ()

    def is_as(self, thing: Any, seen: tuple[Any, ...]) -> bool:
        return True

    def make(self, parts: list[Any], reader: Any, number: int) -> Any:
        kind = reader.value(parts[0])
        if not isinstance(kind, type) or not issubclass(kind, BaseException):
            raise Refused("an error has no class of errors")
        arguments = tuple(reader.values(parts[2]))
        error = _new(kind, arguments)
        if not isinstance(error, OSError):
            error.args = arguments
        if type(parts[1]) is not str or len(parts[1]) > LONGEST:
            raise Refused("an error says nothing, or too much")
        if said(error) != parts[1]:
            error.args = (parts[1],)
        return error

    def fill(self, thing: Any, parts: list[Any], reader: Any, entry: Any) -> None:
        entry.note = parts
        for name, slot in parts[3]:
            if type(name) is not str or name.startswith("__"):
                raise Refused("an attribute of an error is malformed")
            thing.__dict__[name] = reader.value(slot)
        notes, cause = parts[4:] if len(parts) == 6 else ((), None)
        if type(notes) is list and all(type(note) is str for note in notes):
            thing.__notes__ = notes
        cause = reader.value(cause)
        if isinstance(cause, BaseException):
            thing.__cause__ = cause
