"""What results depend on, and belongs to a process: random generators and settings.

It crosses with control, as if there were one process: each message brings what has changed since
the last. What only warns or prints is the judge's to decide and never comes back.
"""

from __future__ import annotations

import builtins
import ctypes
import random
import re
import struct
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograders.grading.crossing.codecs.arrays import check_state, flat, set_state
from autograders.grading.crossing.errors import Refused


@dataclass(frozen=True)
class State:
    """One thing that belongs to a process.

    Attributes
    ----------
    name : str
        What it is called in messages.
    take : callable
        Return it, as a plain value that compares.
    give : callable
        Set it to such a value, which may be malformed.
    same : callable, optional
        Given the value that was last known, whether it is certain that nothing has changed:
        quicker than to take it and compare.
    keep : callable, optional
        For what a check decides and a student's process only follows: return a function that puts
        back what there is now. Without it, what a student's process has comes back.
    place : str, optional
        The attribute of a module in which it is kept, if a check may assign to that itself.
    """

    name: str
    take: Callable[[], Any]
    give: Callable[[Any], None]
    same: Callable[[Any], bool] = lambda value: False
    keep: Callable[[], Callable[[], None]] | None = None
    place: str = ""


# Both generators of numbers below draw 624 words one after the other, and then make all of them
# anew. So the position and four words, in the memory where they lie, show whether any was drawn;
# to ask for the whole state takes as long as a small message.
_FEW = struct.Struct("=5I")
_bits: Any = np.random.mtrand._rand._bit_generator
_of_python: Any = random._inst


def _memory(address: int) -> Any:
    return (ctypes.c_ubyte * _FEW.size).from_address(address)


_end_of_numpy = _memory(_bits.ctypes.state_address + 620 * 4)
_begin_of_python = _memory(id(_of_python) + object.__basicsize__)
*_words, _position = random.getstate()[1]
# Where CPython keeps them is not documented.
_is_visible = _FEW.unpack(_begin_of_python) == (_position, *_words[:4])


def _same_random(value: Any) -> bool:
    _, words, following = value
    return (
        _is_visible
        and _FEW.unpack(_begin_of_python) == (words[-1], *words[:4])
        and _of_python.gauss_next == following
    )


def _give_random(value: Any) -> None:
    version, words, following = value
    if len(set(words)) < 300:
        raise Refused("a random generator is in a state that none gets into")
    random.setstate((version, words, following))


def _same_numpy(value: Any) -> bool:
    key, position, has_gauss, _ = value  # a number that is kept for later lies elsewhere
    now = key[-16:] + position.to_bytes(4, sys.byteorder)
    return not has_gauss and bytes(_end_of_numpy) == now


def _take_numpy() -> Any:
    state = np.random.get_state(legacy=False)  # noqa: NPY002  (it is what may have changed)
    inner = state["state"]
    return inner["key"].tobytes(), inner["pos"], state["has_gauss"], state["gauss"]


def _give_numpy(value: Any) -> None:
    key, position, has, gauss = value
    inner = {"key": np.frombuffer(key, np.uint32), "pos": position}
    state = {"bit_generator": "MT19937", "state": inner, "has_gauss": has, "gauss": gauss}
    check_state("MT19937", state)
    np.random.set_state(state)  # noqa: NPY002


def _take_errors() -> Any:
    return tuple(np.geterr().items())


def _give_errors(value: Any) -> None:
    np.seterr(**dict(value))


def _keep_errors() -> Callable[[], None]:
    return partial(_give_errors, np.geterr())


_filters: list[Any] = []  # as they were taken last


def _same_warnings(value: Any) -> bool:
    return list(warnings.filters) == _filters


def _take_warnings() -> Any:
    def text(pattern: Any) -> Any:
        return getattr(pattern, "pattern", pattern)

    _filters[:] = warnings.filters
    return tuple(
        (action, text(message), category.__name__, text(module), line)
        for action, message, category, module, line in warnings.filters
        if isinstance(category, type) and category.__module__ == "builtins"
    )


def _set_filters(filters: list[Any]) -> None:
    now: Any = warnings.filters
    warnings.resetwarnings()  # forgets what was decided by those that there were
    now[:] = filters


def _keep_warnings() -> Callable[[], None]:
    return partial(_set_filters, list(warnings.filters))


def _give_warnings(value: Any) -> None:
    rules: list[Any] = []
    for action, message, category, module, line in value:
        patterns = [None if p is None else re.compile(p, re.IGNORECASE) for p in (message, module)]
        rules.append((action, patterns[0], getattr(builtins, category), patterns[1], line))
    _set_filters(rules)


def generator(name: str, get: Callable[[], np.random.Generator]) -> State:
    """Return the state of a package's own random generator."""
    seen: list[Any] = [None]  # as the generator says it, which is quick to compare

    def take() -> Any:
        seen[0] = get().bit_generator.state
        return flat(seen[0])

    return State(
        name,
        take,
        lambda value: set_state(get().bit_generator, value),
        lambda value: get().bit_generator.state == seen[0],
    )


STATES = (
    State("random", random.getstate, _give_random, _same_random),
    State("numpy", _take_numpy, _give_numpy, _same_numpy),
    State("errors", _take_errors, _give_errors, keep=_keep_errors),
    State("warnings", _take_warnings, _give_warnings, _same_warnings, _keep_warnings),
)


class States:
    """What has changed of a process's state since the other side last heard of it.

    Parameters
    ----------
    states : iterable of State
    judge : bool
        Whether this is the judge's side.
    """

    def __init__(self, states: Any, judge: bool) -> None:
        self.states = {state.name: state for state in states}
        self.judge = judge
        self.last: dict[str, Any] = {}
        self.first: dict[str, Any] = {}
        self.kept: dict[str, Callable[[], None]] = {}

    def begin(self) -> None:
        """Begin a conversation: say everything anew that comes back."""
        self.last.clear()
        if self.judge:
            ours = [state for state in self.states.values() if state.keep is not None]
            self.first = {state.name: state.take() for state in ours}
            self.last = dict(self.first)

    def end(self) -> None:
        """End a conversation: put back what was only followed."""
        while self.kept:
            _, put_back = self.kept.popitem()
            put_back()

    def changes(self) -> list[tuple[str, Any]]:
        """Return the name and the value of each that has changed.

        Of what a check decides, None says that it is as it was when the conversation began.
        """
        found = []
        for name, state in self.states.items():
            if state.keep is not None and not self.judge:
                continue
            last = self.last.get(name)
            if last is not None and state.same(last):
                continue
            value = state.take()
            if value != last:
                self.last[name] = value
                as_first = state.keep is not None and value == self.first[name]
                found.append((name, None if as_first else value))
        return found

    def accept(self, pairs: list[tuple[str, Any]]) -> None:
        """Set what the other side says has changed.

        Raises
        ------
        Refused
            If it is not there, not for the other side to say, or malformed.
        """
        for name, value in pairs:
            state = self.states.get(name)
            if state is None or (self.judge and state.keep is not None):
                raise Refused(f"there is no state {name!r:.40}")
            if state.keep is not None:
                if name not in self.kept:
                    self.kept[name] = state.keep()
                if value is None:
                    self.kept.pop(name)()
                    continue
            try:
                state.give(value)
            except (TypeError, ValueError, LookupError, AttributeError, OverflowError, re.error):
                raise Refused(f"the state of {name} is malformed") from None
            self.last[name] = state.take()
