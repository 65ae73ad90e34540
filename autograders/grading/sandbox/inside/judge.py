"""The judge: it runs the course's own cells and checks, and asks the student's kernel for answers.

It stands in a sandbox of its own, forked from the same zygote as the kernels of the lab or started
alone. The grader sends it checks over one socket, each with an end of a line to the student's
kernel, and reads each outcome from that socket. It never runs a line of a student's.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core import interactiveshell

from autograders.grading.crossing.codecs.errors import said
from autograders.grading.crossing.errors import Ended, Late
from autograders.grading.crossing.peer import Course, Peer
from autograders.grading.crossing.wire import TOO_LATE, Line, dump
from autograders.grading.sandbox.inside import copies, recorder
from autograders.grading.sandbox.inside.files import Files
from autograders.grading.sandbox.inside.strict import compare_strictly

COPIED = {"outcome": "copied"}
_SHOWN = 2**20  # characters that a check's own part may show
_RECURSION = 3000


def main(course: str) -> None:
    """Judge what the socket on standard input asks for.

    Parameters
    ----------
    course : str
        JSON with ``packages`` and ``extensions``.
    """
    shell, made = recorder.shell()
    sys.path.append(os.getcwd())  # with the modules that the course gives out beside the lab
    control = socket.socket(fileno=os.dup(0))
    serve(control, Course.read(json.loads(course)), shell, made)


def serve(
    control: socket.socket, course: Course, shell: ZMQInteractiveShell, made: recorder.Recorder
) -> None:
    """Judge what a socket asks for, until it is closed.

    Parameters
    ----------
    control : socket.socket
        To the grader.
    course : Course
        What the judge and the kernel agree on.
    shell, made
        As :func:`.recorder.shell` returned them; the lab's first cells may have been run there.
    """
    judge = Judge(course, shell, made)
    line = Line(control)
    line.send(dump({"ready": True}), ())
    while True:
        given, files, _, _ = socket.recv_fds(control, 1, 4)
        if not given:
            return
        task, _ = line.receive()
        connection, *word = (socket.socket(fileno=file) for file in files)
        if "files" in task:
            written = judge.written(task["seconds"], connection)
            connection.close()
            sizes = [[name, len(content)] for name, content in written.items()]
            line.send(dump({"files": sizes}), [*written.values()])
            continue
        if word and judge.is_copied(task, connection, *word):
            outcome = dict(COPIED)
        else:
            outcome = judge.judge(task, connection)
        for end in (connection, *word):
            end.close()
        line.send(dump(outcome), ())


class Judge:
    """Runs steps and checks of one submission, in a namespace of its own."""

    def __init__(self, course: Course, shell: ZMQInteractiveShell, made: recorder.Recorder) -> None:
        self.shell, self.recorder = shell, made
        self.peer = Peer(course, judge=True)
        self.generation = 1
        self.files = Files(os.getcwd())
        self.files.watch(self._look_again)
        self.peer.before_request = self._tell_files
        # A cell has IPython's own open, which would not look again.
        if shell.user_ns.get("open") is interactiveshell._modified_open:
            del shell.user_ns["open"]
        self.asked = 0  # requests, when files were taken last
        shell.showtraceback = lambda *args, **kwargs: None  # type: ignore[method-assign]
        shell.showsyntaxerror = lambda *args, **kwargs: None  # type: ignore[method-assign]
        sys.setrecursionlimit(max(_RECURSION, sys.getrecursionlimit()))
        signal.signal(signal.SIGALRM, _too_late)
        compare_strictly()
        _one_failure_at_a_time()

    def judge(self, task: dict[str, Any], connection: socket.socket) -> dict[str, Any]:
        """Run the steps that a part of a check needs, and the part; return what came of it.

        Parameters
        ----------
        task : dict
            ``steps``: pairs of a source and the names that it takes from the answers;
            ``before``: the same of hidden parts that this one leans on, and the names that
            something else has bound since; ``part``: as a step, of the check;
            ``around``: what the check may put something else in place of; ``operators``: those
            that answers define, by class;
            ``empty``: with how many empty lines it begins;
            ``over``: names that nothing uses afterwards; ``seconds``: how long it may take.
        connection : socket.socket
            To the student's kernel.

        Returns
        -------
        dict
            ``outcome``: "ok", "error" (of the check), "late", "gone" or "refused";
            ``ename``, ``evalue``, ``line``, ``steps`` for an error; ``result``: the last value, if
            it is a number; ``shown``: what the part printed or showed; ``seconds``: it took.
        """
        start = monotonic()
        outcome: dict[str, Any] = {"outcome": "ok", "result": None, "shown": [], "steps": []}
        try:
            with _alarm(task["seconds"]):
                if self.peer.line is None:
                    self.peer.greet(self._line(connection), self.generation)
                self.peer.begin()
                self._meet_files()
                for source, names in task["steps"]:
                    self._bind(names)
                    self._run(source)
                for source, names, old in task["before"]:
                    self._lend(source, names, old)
                source, names = task["part"]
                self.peer.surroundings.meet(self.shell.user_ns, task["around"]["classes"])
                self._bind(names)
                self.peer.speakers.hear(self.shell.user_ns, task["operators"])
                self.peer.surroundings.enter(self.shell.user_ns, task["around"])
                result = self._run(source)
                outcome["shown"] = self._shown()
                error = result.error_before_exec or result.error_in_exec
                if isinstance(error, Ended):
                    raise error
                if error is None:
                    outcome["result"] = _number(result.result)
                else:
                    outcome |= _what_failed(error, self.shell.user_ns, self.peer.trace)
                    outcome["line"] += task["empty"] if outcome["line"] else 0
                self.peer.end()
        except Ended as error:
            kind = type(error).__name__.lower()
            outcome |= {"outcome": kind, "ename": type(error).__name__, "evalue": str(error)}
            self.generation += 1  # nothing that is left of this is believed
        finally:
            self.peer.disconnect()
            self._forget(task["over"])
        outcome["seconds"] = monotonic() - start
        return outcome

    def written(self, seconds: float, connection: socket.socket) -> Mapping[str, bytes]:
        """Return the files that answers have written, by name, as far as they can be told.

        They do not come into this folder: copies that still wait look there for themselves.
        """
        apart = Files(tempfile.mkdtemp())
        try:
            with _alarm(seconds):
                self.peer.greet(self._line(connection), self.generation)
                self.peer.begin()
                apart.take(self.files.theirs_among(self._told((), ())))
                self.peer.end()
        except Ended:
            self.generation += 1
        finally:
            self.peer.disconnect()
        return apart.contents()

    def _meet_files(self) -> None:
        """Take the files that answers have written."""
        self.files.take(self._told(self.files.known(), self.files.shared()))
        self.files.confine()

    def _told(self, known: tuple[Any, ...], places: tuple[str, ...]) -> object:
        """Return what the other side tells of files; what it cannot tell of is not there."""
        self.asked = self.peer.requests + 1
        try:
            return self.peer.request("files", known, places)
        except Ended:
            raise
        except Exception:
            return None

    def _tell_files(self) -> None:
        """Have an answer find what checks have written."""
        if news := self.files.news():
            self.asked = self.peer.requests + 1
            self.files.kept(self.peer.request("keep", news))

    def _look_again(self) -> None:
        """Take the files that have been written since, if an answer was asked for anything."""
        if self.peer.line is not None and self.peer.requests != self.asked:
            self._meet_files()

    def is_copied(
        self, task: dict[str, Any], connection: socket.socket, word: socket.socket
    ) -> bool:
        """Copy judge and kernel for a hidden part, if they can be; return whether they are.

        The copy waits on a socket of its own to be told how long it may take, judges, and says
        there what came of it.

        Parameters
        ----------
        task, connection
            As :meth:`judge` takes them.
        word : socket.socket
            To the grader, for the copy.
        """
        seconds = task["seconds"]
        try:
            with _alarm(seconds):
                line = self._line(connection)
                self.peer.greet(line, self.generation, seconds)
                said, _ = line.receive()
        except Ended:
            said = None
        if said != {"copied": True}:
            return False
        try:
            copied = copies.copy(seconds)
        except OSError:
            return False  # then this is where it is judged, and the kernel's copy answers
        if not copied:
            self.peer.disconnect()
            self._forget(task["over"])
            return True
        try:
            seconds = copies.told(word)
            if seconds:
                outcome = self.judge({**task, "seconds": seconds}, connection)
                Line(word).send(dump(outcome), ())
        finally:
            copies.end()

    def _line(self, connection: socket.socket) -> Line:
        return Line(connection, self.peer.course.largest)

    def _lend(self, source: str, names: Sequence[str], old: Sequence[str]) -> None:
        """Run what a part leans on; old names keep what they have been bound to since."""
        space = self.shell.user_ns
        now = {name: space.pop(name) for name in old if name in space}
        self._bind(names)
        self._run(source)
        space.update(now)

    def _bind(self, names: Sequence[str]) -> None:
        """Bind names to what the student's notebook binds them to, as far as it does."""
        if not names:
            return
        found = self.peer.names_in(names)
        for name in names:
            self.shell.user_ns.pop(name, None)
            if name in found:
                self.shell.user_ns[name] = found[name]

    def _forget(self, names: Sequence[str]) -> None:
        """Forget what nothing uses any more: what it is bound to need not be kept equal."""
        for name in names:
            self.shell.user_ns.pop(name, None)

    def _run(self, source: str) -> Any:
        self.recorder.messages = []
        self.peer.trace = []
        with recorder.recording(self.recorder):
            self.peer.surroundings.streams = sys.stdout, sys.stderr
            result = self.shell.run_cell(source, store_history=False)
            self.peer.surroundings.streams = None
        error = result.error_in_exec
        if isinstance(error, Ended):
            raise error
        return result

    def _shown(self) -> list[Any]:
        """Return what the last cell showed, as far as it may show things."""
        kept, size = [], 0
        for kind, content in self.recorder.messages:
            if kind in recorder.SHOWN and kind != "execute_result":
                size += len(json.dumps(content, default=str))
                if size <= _SHOWN:
                    kept.append([kind, json.loads(json.dumps(content, default=str))])
        return kept


def _number(value: Any) -> str | None:
    """Return the text of a number, of exactly these types."""
    return repr(value) if type(value) in (int, float) else None


def _what_failed(
    error: BaseException, namespace: dict[str, Any], trace: Sequence[str]
) -> dict[str, Any]:
    """Return an error's name, what it says, and the line of the check where it arose."""
    frames = list(_frames(error))
    own = [(frame, line) for frame, line in frames if frame.f_globals is namespace]
    line = 0
    if own:
        file = own[0][0].f_code.co_filename
        line = [number for frame, number in own if frame.f_code.co_filename == file][-1]
    elif isinstance(error, SyntaxError):
        line = error.lineno or 0
    return {
        "outcome": "error",
        "ename": type(error).__name__[:200],
        "evalue": said(error),
        "line": line,
        "steps": list(trace),
    }


def _frames(error: BaseException) -> Iterator[tuple[Any, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise :class:`Late` where the time is over."""
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # again: what swallows it gets it once more
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_late(number: int, frame: Any) -> None:
    raise Late(TOO_LATE)


def _one_failure_at_a_time() -> None:
    """Have Hypothesis say the first thing that fails, as an assertion does, and no more."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is not None:
        phases = [phase for phase in hypothesis.Phase if phase.name not in ("reuse", "explain")]
        hypothesis.settings.register_profile(
            "judge", database=None, report_multiple_bugs=False, phases=phases
        )
        hypothesis.settings.load_profile("judge")
