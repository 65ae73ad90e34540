"""Start the judge in a room of its own, and put checks before it.

The judge is forked from the lab's zygote, where the cells before the first answer have been run, or
started; it is told which cells a check needs, and what becomes of each check is read from its own
socket. One that dies is replaced, and only the check that it died of is lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from json import dumps
from pathlib import Path
from time import monotonic
from typing import Any

from traitlets import Dict, Integer, List, Unicode
from traitlets.config import Configurable

from autograders.grading.crossing.errors import Ended
from autograders.grading.crossing.peer import Course
from autograders.grading.crossing.wire import Line, dump
from autograders.grading.judge.names import empty_lines
from autograders.grading.judge.plan import Plan, Step
from autograders.grading.sandbox import About, Room, Sandbox, memory
from autograders.grading.sandbox.inside import GO
from autograders.grading.sandbox.room import pipe, program
from autograders.grading.sandbox.watch import end, watch

START = 120  # seconds in which a judge has to be there
_GRACE = 10  # seconds after the end of its time in which it has to say so
_MOMENT = 0.03  # seconds in which a kernel that nobody asks any more has come to the end of a cell
EXTENSIONS = {
    "scipy": "autograders.grading.crossing.codecs.sparse",
    "pandas": "autograders.grading.crossing.codecs.frames",
}
LOST = {
    "outcome": "lost",
    "ename": "JudgeLost",
    "evalue": "The check needed more memory or time than it may have.",
    "line": 0,
    "steps": [],
    "shown": [],
    "result": None,
    "seconds": 0.0,
}


class Crossing(Configurable):
    """What may pass between a submission and its checks."""

    packages = List(
        Unicode(),
        help="Packages whose classes and functions both sides call by name.",
    ).tag(config=True)
    extensions = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="By package: the module that says how its objects pass, for labs that import it; "
        "beside those for scipy and pandas.",
    ).tag(config=True)
    largest = Integer(64, help="The largest value, in megabytes.").tag(config=True)

    def of(self, plan: Plan) -> Course:
        """Return what a lab's kernel and judge agree on."""
        imports = plan.imports
        return Course(
            tuple(name for name in self.packages if name in imports),
            tuple(
                module
                for name, module in {**EXTENSIONS, **self.extensions}.items()
                if name in imports
            ),
            self.largest,
            tuple(sorted(imports)),
        )


def lost(shortage: memory.Shortage) -> dict[str, Any]:
    """Return what became of a part whose judge ended."""
    return {**LOST, "evalue": memory.SHORT} if shortage else dict(LOST)


class Waiting:
    """Copies of a judge and a kernel, which wait until the rest of the notebook is over.

    Parameters
    ----------
    word : socket.socket
        To the judge's copy.
    seconds : float
        How long it may take.
    """

    def __init__(self, word: socket.socket, seconds: float) -> None:
        self.word, self.seconds, self.shortage = word, seconds, memory.Shortage()

    def outcome(self, seconds: float) -> dict[str, Any]:
        """Have the copies judge the part in some seconds, or less; return what became of it."""
        seconds = min(seconds, self.seconds)
        line = Line(self.word, deadline=monotonic() + seconds + _GRACE)
        try:
            self.word.sendall(struct.pack(GO, seconds))
            return line.receive()[0]
        except (OSError, Ended):
            return lost(self.shortage)
        finally:
            line.close()

    def close(self) -> None:
        """Do without it."""
        self.word.close()


class Judge:
    """A judge of one submission.

    Parameters
    ----------
    sandbox : Sandbox
        The settings of its room.
    about : About
        The lab.
    plan : Plan
        What its checks need.
    given : Path
        The folder with what the course gives out beside the lab.
    log : logging.Logger
        For what is worth telling.
    """

    def __init__(
        self, sandbox: Sandbox, about: About, plan: Plan, given: Path, log: logging.Logger
    ) -> None:
        self.sandbox, self.about, self.plan, self.given = sandbox, about, plan, given
        self.log = log
        self.process: Any = None
        self.line: Line | None = None
        self.given_up: list[tuple[Any, Line]] = []
        self.done: set[int] = set()
        self.heard: dict[str, Any] | None = None  # an outcome that came while something else ran
        self.deaf: Callable[[], object] | None = None  # stops listening

    def start(self) -> None:
        """Start it, if it is not there.

        Raises
        ------
        RuntimeError
            If it cannot be started.
        """
        if self.line is not None:
            return
        try:
            self._start()
        except (RuntimeError, Ended):
            self.close()  # a zygote that failed is gone: the next one is started
            self._start()

    def missing(self, name: str) -> list[Step]:
        """Return what has to be run before a check, and has not been."""
        *steps, _ = self.plan.steps(name)
        return [step for step in steps if step.position not in self.done]

    def ask(
        self, name: str, number: int, connection: socket.socket, seconds: float
    ) -> Waiting | None:
        """Put a part of a check before the judge, which begins at once.

        Parameters
        ----------
        name : str
            The check's grade id.
        number : int
            Which of its parts.
        connection : socket.socket
            To the student's kernel.
        seconds : float
            How long it may take.

        Returns
        -------
        Waiting or None
            For a hidden part: the copies that will judge it, if :meth:`outcome` says "copied".
        """
        self.start()
        assert self.line is not None
        parts = self.plan.parts(name)
        missing = self.missing(name) if number == 0 else []
        check = self.plan.steps(name)[-1]
        self.done |= {step.position for step in (*missing, check)}
        lent = self.plan.before(name, number) if parts[number].hidden else []
        task = {
            "steps": [[step.source, step.ask] for step in missing],
            "before": [[part.source, part.ask, part.old] for part in lent],
            "part": [parts[number].source, check.ask],
            "around": self.plan.surroundings(name),
            "operators": self.plan.operators(name),
            "empty": empty_lines(parts[number].source),
            "over": self.plan.over(name) if number == len(parts) - 1 else [],
            "seconds": seconds,
        }
        self.line.deadline = monotonic() + seconds + _GRACE
        with ExitStack() as stack:
            ends, waiting = [connection], None
            if parts[number].hidden:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
                ends.append(stack.enter_context(theirs))
                waiting = Waiting(ours, seconds)
            try:
                socket.send_fds(self.line.connection, [b"."], [end.fileno() for end in ends])
                self.line.send(dump(task), ())
            except (OSError, Ended):
                self.log.debug("the judge is gone")  # which its outcome will say
        return waiting

    def listen(self, late: Callable[[], None]) -> None:
        """Hear the outcome in the loop that runs; if it is "late", call something a moment after.

        A kernel that is still at work by then does not know that nobody waits for it.
        """
        assert self.line is not None
        loop, connection = asyncio.get_running_loop(), self.line.connection

        def hear() -> None:
            loop.remove_reader(connection)
            self.heard = self._outcome()
            if self.heard["outcome"] == "late":
                self.deaf = loop.call_later(_MOMENT, late).cancel

        loop.add_reader(connection, hear)
        self.deaf = partial(loop.remove_reader, connection)

    def outcome(self) -> dict[str, Any]:
        """Return what became of the part that was put before it last."""
        if self.deaf is not None:
            self.deaf()
        heard, self.heard, self.deaf = self.heard, None, None
        return heard or self._outcome()

    def _outcome(self) -> dict[str, Any]:
        assert self.line is not None
        try:
            return self.line.receive()[0]
        except Ended:
            self.given_up.append((self.process, self.line))  # its copies may be well
            self.process = self.line = None
            self.done = set()
            return lost(self.shortage)

    def ask_for_files(self, connection: socket.socket, seconds: float) -> None:
        """Have the judge ask for the files that answers have written, if it is there."""
        if self.line is None:
            return
        self.line.deadline = monotonic() + seconds + _GRACE
        try:
            socket.send_fds(self.line.connection, [b"."], [connection.fileno()])
            self.line.send(dump({"files": True, "seconds": seconds}), ())
        except (OSError, Ended):
            self.log.debug("the judge is gone")  # which it will not say

    def files(self) -> dict[str, bytes]:
        """Return the files that it was asked for; none if it is gone."""
        if self.line is None:
            return {}
        try:
            told, contents = self.line.receive()
        except Ended:
            return {}
        found, at = {}, 0
        for name, size in told["files"]:
            found[name] = bytes(contents[at : at + size])
            at += size
        return found

    def close(self) -> None:
        """End it, and its copies."""
        for process, line in (*self.given_up, (self.process, self.line)):
            if line is not None:
                line.close()
            if process is not None:
                end(process)
                process.wait()
        self.given_up, self.process, self.line = [], None, None
        self.done = set()

    def _start(self) -> None:
        self.shortage = memory.Shortage()
        template = self.about.template
        cells = None if template is None else template.cells
        room = Room(self.sandbox, self.about, self.given, cells, None, self.log)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            if room.born:
                self._fork(room, theirs)
                self.done = set(range(len(room.born.zygote.shown)))
            else:
                self._launch(room, theirs)
                self.done = set()
        self.line = Line(ours, deadline=monotonic() + START)
        self.line.receive()  # it is ready
        if room.command:
            watch(self.process, self.sandbox.together, self.sandbox.cpu)

    def _launch(self, room: Room, theirs: socket.socket) -> None:
        command = [sys.executable, "-P", "-c", program("judge"), dumps(self.about.agreed())]
        self.process = subprocess.Popen(
            room.started(command),
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=None if room.command else self.given,
            start_new_session=True,
        )

    def _fork(self, room: Room, theirs: socket.socket) -> None:
        assert room.born is not None
        with ExitStack() as stack:
            life, lifeline = pipe(stack)
            read, told = os.pipe()
            try:
                self.process = subprocess.Popen(
                    room.walls_alone(told),
                    stdin=life,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[read, told, *room.born.files],
                    start_new_session=True,
                )
            finally:
                os.close(told)
            room.move_in(self.process, lifeline, read, {"do": "judge"}, [theirs.fileno()])
