"""How long a call across takes: ``python -m autograders.grading.crossing.benchmark``.

Two processes talk as a judge and a student's kernel do. Each figure is the median of many calls,
in microseconds. It leans on :mod:`.peer`; nothing leans on it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from autograders.grading.crossing.peer import Course, Peer
from autograders.grading.crossing.wire import Line
from tinytorch.core.layers import Linear
from tinytorch.testing import mlp

COURSE = Course(("tinytorch",), ("autograders.grading.crossing.codecs.tinytorch",))
SIZES = (64, 300, 100, 10)  # a model of 200 kB
LIVING = (0, 100, 1000)  # layers that both sides have meanwhile


def _halve(model: Any) -> Any:
    for parameter in model.parameters():
        parameter.data *= 0.5
    return model


def _begin() -> tuple[Peer, int]:
    """Fork a process that answers, and return the side that asks and the process."""
    here, there = socket.socketpair()
    child = os.fork()
    if not child:
        here.close()
        try:
            peer = Peer(COURSE, judge=False)
            peer.connect(Line(there))
            peer.serve({"add": lambda a, b: a + b, "halve": _halve, "look": len})
        finally:
            os._exit(0)
    there.close()
    peer = Peer(COURSE, judge=True)
    peer.connect(Line(here), 1)
    return peer, child


def microseconds(call: Callable[[], Any], times: int) -> float:
    """Return the median time of a call."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        call()
        taken.append(perf_counter() - start)
    return median(taken) * 1e6


def main() -> None:
    """Measure, and print a table."""
    peer, child = _begin()
    try:
        ask = peer.names_in(["add", "halve", "look"])
        add, halve, look = ask["add"], ask["halve"], ask["look"]
        kept = mlp(*SIZES)
        names = ("a small call", "a new model", "a model that changes", "one that does not")
        print(f"{'':>24}" + "".join(f"{f'{living:,} layers':>16}" for living in LIVING))
        calls: list[Callable[[], Any]] = [
            lambda: add(1, 2.0),
            lambda: halve(mlp(*SIZES)),
            lambda: halve(kept),
            lambda: look(kept),
        ]
        making = microseconds(lambda: mlp(*SIZES), 20)
        rows: dict[str, list[float]] = {name: [] for name in names}
        for living in LIVING:
            layers = [Linear(2, 2) for _ in range(living)]
            look(layers)
            for name, call in zip(names, calls, strict=True):
                taken = microseconds(call, 200 if living < 1000 else 40)
                rows[name].append(taken - (making if name == "a new model" else 0))
            del layers
        for name, figures in rows.items():
            print(f"{name:>24}" + "".join(f"{figure:>13,.0f} µs" for figure in figures))
        peer.end()
    finally:
        peer.disconnect()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
