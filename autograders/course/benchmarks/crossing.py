"""How much a call across costs: ``python -m autograders.course.benchmarks.crossing``.

Two processes talk as a judge and a student's kernel do. Each figure is the time of CPU that a call
takes on both sides together, in microseconds: it depends less on what else the machine does. It
leans on :mod:`.peer`; nothing leans on it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

from autograders.grading.crossing.peer import Course, Peer
from autograders.grading.crossing.wire import Line
from tinytorch import Adam, CrossEntropyLoss, Linear, Tensor
from tinytorch.testing import mlp

COURSE = Course(("tinytorch",), ("autograders.course.codec",))
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
            answers = {"add": lambda a, b: a + b, "halve": _halve, "look": len}
            peer.serve(answers | {"clock": process_time, "train": train})
        finally:
            os._exit(0)
    there.close()
    peer = Peer(COURSE, judge=True)
    peer.connect(Line(here), 1)
    return peer, child


def train(optimizer_class: Any, steps: int) -> None:
    """Train a small model with an optimizer, which may be the other side's."""
    model = mlp(64, 32, 10)
    optimizer = optimizer_class(model.parameters(), lr=0.01)
    x, y = Tensor(np.ones((32, 64), np.float32)), np.zeros(32, int)
    for _ in range(steps):
        optimizer.zero_grad()
        CrossEntropyLoss()(model(x), y).backward()
        optimizer.step()


class Own(Adam):
    """An optimizer of this side's."""

    def step(self) -> None:
        """Make a step as Adam does."""
        super().step()


def microseconds(call: Callable[[], Any], times: int, clock: Callable[[], float]) -> float:
    """Return the time of a call, at its quickest.

    Parameters
    ----------
    call : callable
        What is measured.
    times : int
        How often it is called, ten times in a row each time.
    clock : callable
        The seconds of CPU so far.
    """
    taken = []
    for _ in range(times):
        start = clock()
        for _ in range(10):
            call()
        taken.append(clock() - start)
    return min(taken) / 10 * 1e6


def main() -> None:
    """Measure, and print a table."""
    peer, child = _begin()
    try:
        names = ("add", "halve", "look", "clock", "train")
        found = peer.names_in(names)
        add, halve, look, there, train_there = (found[name] for name in names)

        def both() -> float:
            return process_time() + there()

        kept = mlp(*SIZES)
        calls: dict[str, Callable[[], Any]] = {
            "a small call": lambda: add(1, 2.0),
            "a new model": lambda: halve(mlp(*SIZES)),
            "a model that changes": lambda: halve(kept),
            "one that does not": lambda: look(kept),
        }
        less = {"a new model": microseconds(lambda: mlp(*SIZES), 20, process_time)}
        rows: dict[str, list[float]] = {name: [] for name in calls}
        for living in LIVING:
            layers = [Linear(2, 2) for _ in range(living)]
            look(layers)
            asking = microseconds(lambda: None, 20, both)  # of the clock itself
            for name, call in calls.items():
                taken = microseconds(call, 20 if living < 1000 else 4, both) - asking
                rows[name].append(taken - less.get(name, 0))
            del layers
        print(f"{'':>24}" + "".join(f"{f'{living:,} layers':>16}" for living in LIVING))
        for name, figures in rows.items():
            print(f"{name:>24}" + "".join(f"{figure:>13,.0f} µs" for figure in figures))
        steps = microseconds(lambda: train_there(Own, 10), 5, both) - asking
        alone = microseconds(lambda: train(Own, 10), 5, process_time)
        print(f"{'a step of an optimizer':>24}{(steps - alone) / 10:>13,.0f} µs")
        peer.end()
    finally:
        peer.disconnect()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
