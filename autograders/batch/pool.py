"""Workers on this machine: processes of one BLAS thread each, replaced when one of them dies.

Each worker is an executor of the standard library with one process in it, so that a death breaks
nothing but itself and is known to belong to one task. :mod:`autograders.batch.run` leans on it, and
on :mod:`autograders.batch.cluster` for the same on many machines.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

from autograders.batch.worker import Done, Recipe, Task, fingerprint, work
from autograders.grading.sandbox import memory

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
TRIES = 2  # a worker may die of somebody else's fault

Result = TypeVar("Result")


class WorkerDiedError(RuntimeError):
    """Workers died of a task as often as they may."""


class Workers(Protocol):
    """Whatever can do tasks."""

    @property
    def count(self) -> int:
        """How many tasks may be handed out at a time."""

    def pick(self, labs: Sequence[str]) -> int:
        """Return the place of the lab that should be worked on next."""

    def submit(self, recipe: Recipe, task: Task) -> Future[Done]:
        """Have a task done; what goes wrong is raised where the result is asked for."""

    def full(self) -> str:
        """Return why no more work should be started now, or nothing."""

    def close(self, at_once: bool = False) -> None:
        """End the workers; `at_once` with whatever they are doing."""


class LocalWorkers:
    """A number of processes on this machine.

    Parameters
    ----------
    count : int
        How many.
    spare : int
        Megabytes of memory that must be free before more work is started beside other work.
    tell : callable
        Called with a sentence when a worker died.
    """

    def __init__(
        self, count: int, spare: int = 1024, tell: Callable[[str], None] = lambda said: None
    ) -> None:
        self.count, self.spare, self.tell = count, spare, tell
        for name in THREADS:  # read when NumPy is imported, in processes that are started later
            os.environ.setdefault(name, "1")
        self._idle = [_new() for _ in range(count)]
        self._busy: dict[ProcessPoolExecutor, Task] = {}
        self._warm: defaultdict[ProcessPoolExecutor, set[str]] = defaultdict(set)
        self._measured: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self._lock = threading.Lock()
        self._settling = ThreadPoolExecutor(1)
        self._shortage = memory.Shortage()
        self._closed = False

    def pick(self, labs: Sequence[str]) -> int:
        """Return the place of the first lab that a worker with nothing to do has done before.

        Where there is none, of the first that nobody has done: a worker gets ready for each lab
        that it does, in seconds and in memory, and so each gets ready for a part of them.
        """
        with self._lock:
            idle = set().union(*(self._warm[worker] for worker in self._idle))
            known = set().union(*self._warm.values())
        return min(
            range(len(labs)), key=lambda place: (labs[place] not in idle, labs[place] in known)
        )

    def submit(self, recipe: Recipe, task: Task) -> Future[Done]:
        """Have a task done by a worker that has nothing to do."""
        done: Future[Done] = Future()
        done.set_running_or_notify_cancel()
        with self._lock:
            if not self._idle:
                raise RuntimeError(f"all {self.count} workers have something to do")
            warm = self._warm
            worker = max(self._idle, key=lambda w: (task.lab in warm[w], -len(warm[w])))
            self._idle.remove(worker)
        self._start(worker, recipe, task, done, TRIES)
        return done

    def full(self) -> str:
        """Return why no more work should be started now, or nothing."""
        if self._busy and (free := memory.free() // memory.MEGABYTE) < self.spare:
            return f"{free} MB of memory are free, and {self.spare} MB should be"
        return ""

    def close(self, at_once: bool = False) -> None:
        """End the workers; `at_once` with whatever they are doing."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        if at_once:
            for worker in workers:
                _kill(worker)
        with ThreadPoolExecutor() as together:  # each waits for its worker to end
            list(together.map(lambda worker: worker.shutdown(cancel_futures=True), workers))
        self._settling.shutdown()  # last: what workers end with is settled too

    def _start(
        self,
        worker: ProcessPoolExecutor,
        recipe: Recipe,
        task: Task,
        done: Future[Done],
        tries: int,
    ) -> None:
        self._busy[worker] = task
        self._warm[worker].add(task.lab)

        def settle(future: Future[Done]) -> None:
            free, error = worker, future.exception()
            if isinstance(error, BrokenProcessPool):
                free, fresh, why = self._replace(worker)
                if fresh and tries > 1:
                    died = f"a worker died at {task.student}, {task.lab}{why}"
                    self.tell(f"{died}; another one tries it")
                    self._start(free, recipe, task, done, tries - 1)
                    return
                died = f"{TRIES} workers died of {task.lab}, one after the other{why}"
                error = WorkerDiedError(died)
            if error is None:
                self._measured[task.lab] |= future.result().measured
            with self._lock:
                del self._busy[free]
                self._idle.append(free)
            if error:
                done.set_exception(error)
            else:
                done.set_result(future.result())

        try:
            future = worker.submit(work, recipe, replace(task, measured=self._measured[task.lab]))
        except RuntimeError as error:  # it died while it had nothing to do, or was closed just now
            future = Future()
            future.set_exception(error)
            settle(future)
            return
        # Since Python 3.12 an executor that breaks holds its lock as long as callbacks run, and
        # takes it again when it is shut down or forgotten: so nothing is done in the callback.
        future.add_done_callback(lambda future: self._settling.submit(settle, future))

    def _replace(self, worker: ProcessPoolExecutor) -> tuple[ProcessPoolExecutor, bool, str]:
        """Bury a worker that died; return another one in its place, unless all is being closed.

        Whether it is another one is returned too, and what is known of the death.
        """
        processes = list((worker._processes or {}).values())
        worker.shutdown()
        killed = any(process.exitcode == -signal.SIGKILL for process in processes)
        why = " (the machine ran out of memory)" if self._shortage else " (it was killed)"
        self._shortage = memory.Shortage()
        with self._lock:
            fresh = worker if self._closed else _new()
            self._busy[fresh] = self._busy.pop(worker)
            self._warm.pop(worker, None)
        return fresh, fresh is not worker, why if killed else ""


class _Worker(ProcessPoolExecutor):
    """An executor that is ended once, though it is buried just when all workers are closed.

    Two threads in `shutdown` would close the same pipe, of which the second may be another's by
    then. What its process leaves in its temporary folder goes with it.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._folder = TemporaryDirectory(prefix="nb", ignore_cleanup_errors=True)
        super().__init__(1, mp_context=context, initializer=_prepare, initargs=(self._folder.name,))
        self._ending = threading.Lock()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._ending:
            super().shutdown(wait, cancel_futures=cancel_futures)
            self._folder.cleanup()


def _new() -> ProcessPoolExecutor:
    worker = _Worker()
    worker.submit(fingerprint)  # which its first task needs: to start it now
    return worker


def _kill(worker: ProcessPoolExecutor) -> None:
    for process in list((worker._processes or {}).values()):
        process.kill()  # and with it its kernels, which die with whoever started them


def _prepare(folder: str) -> None:
    """Make a new process a worker: quiet, deaf to Ctrl-C, and gone when its parent is."""
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - the terminal is the coordinator's
    logging.disable(logging.WARNING)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _end_with_parent(folder: str) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(folder, ignore_errors=True)  # which the parent can no longer remove
    os._exit(1)
