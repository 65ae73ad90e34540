"""Workers on many machines: the tasks of :mod:`autograders.batch.worker`, sent to a Dask cluster.

A worker needs the course's packages, Bubblewrap, and nothing else: no shared folder, no gradebook.
``autograders/README.md`` shows how to start them. Dask gives the task of a worker that died to
another one by itself. :mod:`autograders.batch.command` leans on it, for ``--scheduler``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from distributed import Client
from distributed.scheduler import KilledWorker

from autograders.batch.outcome import BatchError
from autograders.batch.pool import WorkerDiedError
from autograders.batch.worker import Done, Recipe, Task, WrongPackageError, fingerprint, work

LOOK_AGAIN = 5  # seconds between counts of the workers, which may come and go


class ClusterError(BatchError):
    """The cluster cannot be used; the message says why."""


class ClusterWorkers:
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, as in ``tcp://host:8786``.
    tell : callable
        Called with a sentence when there is something to wait for.
    patience : float
        Seconds to wait for the scheduler, and for a first worker.

    Raises
    ------
    ClusterError
        If nobody answers, or there is no worker.
    WrongPackageError
        If a worker has another version of the course.
    """

    def __init__(self, address: str, tell: Callable[[str], None], patience: float = 60) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self.client = Client(address, timeout=patience, set_as_default=False)
            if not self._threads():
                tell(f"{address} answers, and has no workers yet")
            self.client.wait_for_workers(1, timeout=patience)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"no Dask cluster to work with at {address} within {patience:g} seconds: {error}"
            ) from None
        self._check()
        self.executor = self.client.get_executor(pure=False)
        self._count, self._counted = self._threads(), time.monotonic()

    @property
    def count(self) -> int:
        """How many tasks to hand out at a time: two for each thread, so that none is idle."""
        if time.monotonic() > self._counted + LOOK_AGAIN:
            self._count, self._counted = self._threads(), time.monotonic()
        return max(1, 2 * self._count)

    def pick(self, labs: Sequence[str]) -> int:
        """Return the first place: Dask decides who does what."""
        return 0

    def submit(self, recipe: Recipe, task: Task) -> Future[Done]:
        """Have a task done by whichever worker is free."""
        done: Future[Done] = Future()
        done.set_running_or_notify_cancel()

        def settle(future: Future[Done]) -> None:
            error = future.exception()
            if isinstance(error, KilledWorker):
                error = WorkerDiedError(f"workers died of {task.lab}, one after the other")
            if error:
                done.set_exception(error)
            else:
                done.set_result(future.result())

        self.executor.submit(work, recipe, task).add_done_callback(settle)
        return done

    def full(self) -> str:
        """Return nothing: Dask pauses a worker whose memory is low."""
        return ""

    def close(self, at_once: bool = False) -> None:
        """Leave the cluster, which goes on without us; what is running there is cancelled."""
        self.executor.shutdown(wait=not at_once)
        self.client.close()

    def _threads(self) -> int:
        threads: dict[str, Any] = self.client.nthreads()
        return sum(threads.values())

    def _check(self) -> None:
        ours = fingerprint()
        for worker, theirs in self.client.run(fingerprint).items():
            if theirs != ours:
                raise WrongPackageError(
                    f"the worker at {worker} has another version of the course ({theirs}) than "
                    f"the coordinator ({ours}); install the same one on all machines"
                )
