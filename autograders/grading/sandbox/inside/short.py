"""Keep a kernel's messages so short that the grader takes them.

It closes the connection at a longer one, as it must where nobody honest speaks. What is cut is
above the most that a cell may show, so it is left out of the graded notebook all the same. It leans
on jupyter_client; :mod:`.kernel` leans on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from jupyter_client.session import Session

from autograders.grading.sandbox.inside import MESSAGE

_LONGEST = MESSAGE * 3 // 4  # bytes, with room for what else is in a message
_KEPT = 9_000_000  # characters of one that is longer, with no more than two bytes each
_PLAIN = re.compile(r"[^\n -~]")


def keep_short(session: Session) -> None:
    """Have a session send nothing that is longer.

    Parameters
    ----------
    session : Session
        Its ``pack`` and ``send`` are replaced.
    """
    session.pack = packing(session.pack)
    send = session.send

    @wraps(send)
    def sending(*args: Any, **kwargs: Any) -> Any:
        if any(memoryview(one).nbytes > _LONGEST for one in kwargs.get("buffers") or ()):
            kwargs["buffers"] = None
        return send(*args, **kwargs)

    session.send = sending  # type: ignore[method-assign]


def packing(pack: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Return what packs a part of a message as another function does, but cuts it if it is long.

    Examples
    --------
    >>> import json
    >>> pack = packing(lambda part: json.dumps(part).encode())
    >>> len(pack({"name": "stdout", "text": 50_000_000 * "x"}))
    9000016
    """

    def packed(part: Any) -> bytes:
        made = pack(part if _length(part) <= _LONGEST else _cut(part, False))
        return made if len(made) <= _LONGEST else pack(_cut(part, True))

    return packed


def _length(part: Any) -> int:
    """Return about how many characters a part has."""
    if isinstance(part, str):
        return len(part)
    if isinstance(part, dict):
        return sum(_length(name) + _length(value) for name, value in part.items())
    return 8 + sum(map(_length, part)) if isinstance(part, (list, tuple)) else 8


def _cut(part: dict[str, Any], plainly: bool) -> dict[str, Any]:
    """Return as much of a message's content as may be kept; what it must have stays."""
    left = _KEPT

    def cut(part: Any, outermost: bool = False) -> Any:
        nonlocal left
        if isinstance(part, str):
            kept = part[:left]
            left -= len(kept)
            return _PLAIN.sub("?", kept) if plainly else kept
        left = max(0, left - 8)
        if isinstance(part, dict):
            return {name: cut(value) for name, value in part.items() if outermost or left}
        if isinstance(part, (list, tuple)):
            return [cut(value) for value in part if left]
        return part

    return cut(part, outermost=True)
