"""Take a class through the stages: who is next, what is running, what went wrong.

One thread, which alone touches the gradebook, keeps the workers busy with at most a submission or
two waiting for them, so that what is held in memory does not grow with the class. It leans on
:mod:`autograders.batch.stages` and :mod:`autograders.batch.pool`, and reports to whatever shows it
(:mod:`autograders.batch.screen`); :mod:`autograders.batch.command` leans on it.
"""

from __future__ import annotations

import errno
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import chdir, contextmanager
from types import FrameType
from typing import Protocol

from autograders.batch.gradebook import GradebookBusyError
from autograders.batch.outcome import Outcome, Status, Stop
from autograders.batch.pool import Workers
from autograders.batch.stages import Stages, Submission
from autograders.batch.worker import Done, Task
from autograders.grading.names import RENAME

TICK = 0.2  # seconds between looks at the signals, and at what others have finished
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class Show(Protocol):
    """What is told how a run gets on."""

    def start(self, total: int) -> None:
        """There are so many submissions."""

    def done(self, outcome: Outcome) -> None:
        """A submission is through, for good: the gradebook and its folder are written."""

    def trouble(self, sentence: str) -> None:
        """Something that does not stop the run."""

    def tick(self) -> None:
        """Time went by."""


class Run:
    """One pass over a class.

    Parameters
    ----------
    stages : Stages
        What is done to a submission.
    workers : Workers
        Who does it.
    show : Show
        Who is told.
    """

    def __init__(self, stages: Stages, workers: Workers, show: Show) -> None:
        self.stages, self.workers, self.show = stages, workers, show
        self.waiting: deque[Submission] = deque()
        self.elsewhere: deque[Submission] = deque()
        self.open: dict[str, tuple[Submission, float]] = {}
        self.ready: deque[tuple[Submission, Task]] = deque()
        self.running: dict[Future[Done], tuple[Submission, Task]] = {}
        self.stopped: Stop | None = None
        self.holding = False
        self.told: set[str] = set()

    def run(self) -> Stop | None:
        """Do everything that is to be done; return why it ended early, if it did.

        Raises
        ------
        NbGraderException
            If there are no submissions.
        """
        with self._signals(), chdir(self.stages.coursedir.root):  # nbgrader goes there too
            try:
                self._prepare()
                while not self.stopped and self._left():
                    self._fill()
                    self._collect()
                    self.show.tick()
            finally:
                self._clean_up()
        return self.stopped

    def _prepare(self) -> None:
        try:
            self.waiting.extend(self.stages.prepare())
        except GradebookBusyError as error:
            self.stopped = _busy(error)
        self.show.start(len(self.waiting))

    def _left(self) -> bool:
        return bool(self.waiting or self.elsewhere or self.ready or self.running)

    def _fill(self) -> None:
        """Have something ready for every worker, and give it to those that do nothing."""
        while not self.stopped and len(self.ready) < self.workers.count and self.waiting:
            self._begin(self.waiting.popleft())
        while self.ready and len(self.running) < self.workers.count and not self._held_back():
            submission, task = self._next()
            future = self.workers.submit(self.stages.recipe, task)
            self.running[future] = (submission, task)
        if not self.waiting and not self.running and not self.ready and self.elsewhere:
            time.sleep(TICK)  # somebody else grades what is left; who knows for how long
            self.waiting.extend(self.elsewhere)
            self.elsewhere.clear()

    def _next(self) -> tuple[Submission, Task]:
        """Return what suits the workers best, of the submissions that have waited longest."""
        first = list(dict.fromkeys(id(submission) for submission, _ in self.ready))
        first = first[: self.workers.count]
        labs = [task.lab for submission, task in self.ready if id(submission) in first]
        place = self.workers.pick(labs)
        chosen = self.ready[place]
        del self.ready[place]
        return chosen

    def _held_back(self) -> bool:
        """Return whether work has to wait, and tell when it begins to."""
        why = self.workers.full()
        if why and not self.holding:
            self.show.trouble(f"{why}: fewer labs are graded at a time for now")
        self.holding = bool(why)
        return self.holding

    def _begin(self, submission: Submission) -> None:
        """Make a submission's tasks, if it is wanted and nobody else is at it."""
        student, begun = submission.student, time.perf_counter()
        if submission.refused:
            why = f"{submission.refused}; {RENAME}"
            self.show.done(Outcome.of(submission, Status.FAILED, why))
            return
        if not self.stages.places.claim(student):
            self.elsewhere.append(submission)
            return
        if not self.stages.wanted(submission):
            self.stages.places.release(student)
            self.show.done(Outcome.of(submission, Status.SKIPPED))
            return
        self.open[student] = (submission, begun)
        with self._guard(submission):
            self.stages.begin(submission)
            self.ready.extend((submission, task) for task in submission.tasks)
            if not submission.tasks:
                self._finish(submission)

    def _collect(self) -> None:
        """Wait a moment for what the workers have done, and finish what is complete."""
        if not self.running:
            return
        finished, _ = wait(self.running, timeout=TICK, return_when=FIRST_COMPLETED)
        for future in finished:
            submission, task = self.running.pop(future)
            if submission.student not in self.open or self.stopped:
                continue
            with self._guard(submission):
                submission.done[task.lab] = done = future.result()
                self._tell(done.notes)
                if submission.complete:
                    self._finish(submission)

    def _tell(self, notes: Iterable[str]) -> None:
        """Tell what workers say of themselves, each sentence once."""
        for note in notes:
            if note not in self.told:
                self.told.add(note)
                self.show.trouble(note)

    def _finish(self, submission: Submission) -> None:
        self.stages.finish(submission)
        self._close(submission, Status.DONE)

    @contextmanager
    def _guard(self, submission: Submission) -> Iterator[None]:
        """Give up on one submission, or on the run, where something cannot be done."""
        try:
            yield
        except GradebookBusyError as error:
            self.stopped = _busy(error)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                self.stopped = Stop(f"{error}; make room, and run this again for the rest")
                return
            self.stages.log.debug("%s", traceback.format_exc())
            self._drop(submission)
            self._close(submission, Status.FAILED, _sentence(error))

    def _drop(self, submission: Submission) -> None:
        self.ready = deque(pair for pair in self.ready if pair[0] is not submission)
        self.stages.abandon(submission)

    def _close(self, submission: Submission, status: Status, error: str = "") -> None:
        _, begun = self.open.pop(submission.student)
        self.stages.places.release(submission.student)
        wall = time.perf_counter() - begun
        self.show.done(Outcome.of(submission, status, error, wall))
        submission.tasks.clear()
        submission.done.clear()

    def _clean_up(self) -> None:
        self.workers.close(at_once=bool(self.running))
        for submission, _ in self.open.values():
            self.stages.abandon(submission)
        self.stages.places.close()
        self.stages.gradebook.close()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Stop at the next step on Ctrl-C, or when asked to end, and never within one."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.stopped = Stop("stopped; run this again for the rest", 128 + number)

        old = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)


def _busy(error: GradebookBusyError) -> Stop:
    return Stop(f"{error}; what is done is done, run this again for the rest")


def _sentence(error: BaseException) -> str:
    """Return what an error says, in one line that names its kind."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}"[:300] if said else type(error).__name__
