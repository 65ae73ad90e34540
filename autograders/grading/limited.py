"""Work on what a stranger wrote in a process of its own, which may take so much and no more.

A notebook of a few kilobytes can make a parser or a renderer take minutes, gigabytes, or the whole
process with it. :func:`limited` forks, has the child do the work under limits of the system, and
takes what comes back; :func:`patience` gives up on a part of that work, and leaves time for the
rest. :mod:`.submission` reads so, :mod:`.feedback` and :mod:`.formgrader` render so.
"""

from __future__ import annotations

import logging
import os
import pickle
import select
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Any, NoReturn, TypeVar

import psutil

MEGABYTE = 2**20
_CHUNK = 2**20
_BUSY = 4  # times the seconds of CPU that may go by on a machine that has much else to do

Result = TypeVar("Result")


class Overrun(RuntimeError):
    """The work took more than it may; the message says what it took."""


class OutOfPatience(Exception):
    """A part of the work took too long; raised within it."""


def limited(work: Callable[[], Result], seconds: int = 60, megabytes: int = 1024) -> Result:
    """Do some work in a process that is forked for it, and return its result.

    Parameters
    ----------
    work : callable
        Sees everything that is here; what it changes stays there. Its result is pickled.
    seconds : int
        Of CPU that it may take.
    megabytes : int
        Of memory that it may take beside what this process has.

    Returns
    -------
    object
        What the work returned.

    Raises
    ------
    Overrun
        If the process needed more, or ended.
    Exception
        Whatever the work raised.

    Examples
    --------
    >>> limited(lambda: 6 * 7)
    42
    >>> limited(lambda: bytes(10**9), megabytes=100)
    Traceback (most recent call last):
        ...
    autograders.grading.limited.Overrun: it took more than 100 megabytes of memory
    """
    ours, theirs = os.pipe()
    child = _fork()
    if child == 0:
        _be_the_child(work, theirs, seconds, megabytes)
    os.close(theirs)
    try:
        content = _receive(ours, monotonic() + _BUSY * seconds)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)  # it may have ended, but nobody has waited for it yet
        _, status = os.waitpid(child, 0)
    try:
        raised, result = pickle.loads(content)
    except Exception:  # cut off
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            raise Overrun(f"it took more than {seconds} seconds") from None
        raise Overrun("the process that did it ended, or took too long") from None
    if raised:
        raise result
    value: Result = result
    return value


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise `OutOfPatience` in what is done meanwhile, once it took so many seconds of CPU.

    Only in the child of :func:`limited`: it takes the process's timer.

    Examples
    --------
    >>> def count():
    ...     try:
    ...         with patience(0.05):
    ...             while True:
    ...                 pass
    ...     except OutOfPatience:
    ...         return "given up"
    >>> limited(count)
    'given up'
    """
    old = signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)  # again, where something swallows the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


def _give_up(number: int, frame: FrameType | None) -> None:
    raise OutOfPatience


def _fork() -> int:
    with warnings.catch_warnings():
        # Python warns of forks beside threads: a lock could be held for ever. The child runs
        # parsers alone, takes no lock that a thread of ours holds for long, and has a time limit.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _be_the_child(work: Callable[[], Any], pipe: int, seconds: int, megabytes: int) -> NoReturn:
    """Do the work, write what came of it, and end without anything that the parent would do."""
    try:
        _limit(seconds, megabytes)
        content = _outcome(work, megabytes)
        with os.fdopen(pipe, "wb") as file:
            file.write(content)
    finally:
        os._exit(0)


def _limit(seconds: int, megabytes: int) -> None:
    import resource  # Unix has it; nbgrader's settings, which name this file, are read on Windows

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = psutil.Process().memory_info().vms
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + megabytes * MEGABYTE
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    logging.disable(logging.WARNING)  # of what renderers say about odd input


def _outcome(work: Callable[[], Any], megabytes: int) -> bytes:
    """Return, pickled, whether the work raised, and what it raised or returned."""
    try:
        return pickle.dumps((False, work()))
    except MemoryError:
        return pickle.dumps((True, Overrun(f"it took more than {megabytes} megabytes of memory")))
    except RecursionError:
        return pickle.dumps((True, Overrun("it is nested too deeply")))
    except BaseException as error:
        try:
            content = pickle.dumps((True, error))
            pickle.loads(content)  # some can be written, and not read
            return content
        except Exception:
            return pickle.dumps((True, RuntimeError(f"{type(error).__name__}: {error}")))


def _receive(pipe: int, end: float) -> bytes:
    chunks = []
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    while (left := end - monotonic()) > 0:
        if poll.poll(left * 1000):
            chunk = os.read(pipe, _CHUNK)
            if not chunk:
                break
            chunks.append(chunk)
    return b"".join(chunks)
