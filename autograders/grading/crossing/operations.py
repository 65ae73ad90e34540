"""What one side may ask the other to do with something that lives there.

Each operation is a word. A student's side does what it is asked. The judge's side does it only for
what it has handed out, and never lets anybody look inside: no name with an underscore, no part of
a function, a generator or a class.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import operator
import types
from collections.abc import Callable
from typing import Any

from autograders.grading.crossing.errors import Refused
from autograders.grading.crossing.standin import OPERATORS, PROTOCOLS, describe, fields, parameters

_CLOSED = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType,
    types.CoroutineType, types.AsyncGeneratorType, types.FrameType, types.CodeType,
    types.TracebackType, types.ModuleType, type,
)  # fmt: skip
_OPERATORS = {
    name: getattr(operator, name + "_" if name in ("and", "or") else name) for name in OPERATORS
}


def _operate(name: str, left: Any, right: Any) -> Any:
    return _OPERATORS[name](left, right)


def _method(thing: Any, name: str, /, *arguments: Any, **keywords: Any) -> Any:
    return getattr(thing, name)(*arguments, **keywords)


def _enter(thing: Any) -> Any:
    return type(thing).__enter__(thing)


def _exit(thing: Any, error: BaseException | None) -> bool:
    kind = None if error is None else type(error)
    trace = None if error is None else error.__traceback__
    return bool(type(thing).__exit__(thing, kind, error, trace))


def _await(thing: Any) -> Any:
    """Run a coroutine to its end, inside of the loop that may be running already.

    In this thread: what it calls on the other side is called from where the conversation is.
    """

    async def whole() -> Any:
        return await thing

    outer = asyncio._get_running_loop()
    task = outer and asyncio.current_task()
    if outer and task:  # since Python 3.14 a thread is in one task, whatever its loops are
        asyncio._leave_task(outer, task)
    asyncio._set_running_loop(None)
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(whole())
    finally:
        loop.close()
        asyncio._set_running_loop(outer)
        if outer and task:
            asyncio._enter_task(outer, task)


def _set_item(thing: Any, key: Any, value: Any) -> None:
    thing[key] = value


def _call(thing: Any, /, *arguments: Any, **keywords: Any) -> Any:
    return thing(*arguments, **keywords)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": _call,
    "method": _method,
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "item": operator.getitem,
    "set item": _set_item,
    "delete item": operator.delitem,
    "iterate": iter,
    "reversed": reversed,
    "next": next,
    "length": len,
    "truth": bool,
    "contains": operator.contains,
    "enter": _enter,
    "exit": _exit,
    "await": _await,
    "operate": _operate,
    "repr": repr,
    "str": str,
    "copy": copy.copy,
    "deep copy": copy.deepcopy,
    "signature": describe,
    "parameters": parameters,
    "fields": fields,
    "source": inspect.getsource,
}
_NAMED = {"get", "set", "delete", "method"}
_LEFT_OUT = {"copy", "deep copy", "signature", "source", "fields"}


def allowed(
    operation: str,
    handed_out: Callable[[Any], bool],
    is_copy: Callable[[Any], bool],
    arguments: list[Any],
) -> None:
    """Make sure that a student's side may ask the judge's for this.

    Parameters
    ----------
    operation : str
        The word.
    handed_out : callable
        Whether something is a function or an object of the judge's that the other side has.
    is_copy : callable
        Whether the other side has its state: methods that the library calls may be private.
    arguments : list
        The first is what it is done to.

    Raises
    ------
    Refused
        If not.
    AttributeError
        If it is a name that does not cross.
    """
    if operation not in OPERATIONS or operation in _LEFT_OUT or not arguments:
        raise Refused(f"nobody may ask for {operation!r:.40}")
    things = arguments[1:3] if operation == "operate" else arguments[:1]
    if len(things) != (2 if operation == "operate" else 1) or not all(map(handed_out, things)):
        raise Refused(f"{operation!r} was asked for something that was not handed out")
    if operation in _NAMED:
        name = arguments[1] if len(arguments) > 1 else None
        shown = type(name) is str and not name.startswith("_")
        if operation == "method" and type(name) is str:
            shown = shown or name in PROTOCOLS
            shown = shown or (is_copy(things[0]) and not name.startswith("__"))
        if not shown or isinstance(things[0], _CLOSED):
            raise AttributeError(f"{name!r:.80} is not to be had here")


def to_say(error: BaseException) -> list[str]:
    """Return where in a notebook an error was raised, innermost last."""
    import linecache
    import traceback

    steps = []
    for frame in traceback.extract_tb(error.__traceback__)[-30:]:
        if "ipykernel_" in frame.filename or "ipython-input" in frame.filename:
            line = linecache.getline(frame.filename, frame.lineno or 0).strip()
            steps.append(f"line {frame.lineno}, in {frame.name}: {line}"[:300])
    return steps[-5:]
