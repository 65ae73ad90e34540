"""Copies of a process, as it is where a hidden part of a check stands.

The hidden parts are judged when everything else of a notebook is over, so that no answer can speak
of what it met there. Kernel and judge are copied where the part stands, and the copies wait. It
leans on the standard library; :mod:`.answers` and :mod:`.judge` lean on it.
"""

from __future__ import annotations

import gc
import random
import resource
import socket
import struct
import warnings
from os import _exit, fork, listdir, setsid, waitpid  # as they are before an answer changes them
from typing import NoReturn

from autograders.grading.sandbox.inside import GO

_SLACK = 10  # seconds of processor time that a copy has more than the judge waits


def threads() -> int:
    """Return how many threads the process has, Python's and others."""
    return len(listdir("/proc/self/task"))


def copy(seconds: float, apart: bool = False) -> bool:
    """Copy the process; the copy ends when it has used more processor time than it may.

    Parameters
    ----------
    seconds : float
        How long the copy will have something to do.
    apart : bool
        Whether the copy must not be a child of its original, which may wait for its children.

    Returns
    -------
    bool
        Whether this is the copy.

    Raises
    ------
    OSError
        If there may be no more processes.
    """
    state = random.getstate()  # Python shuffles it in what is forked
    with warnings.catch_warnings(action="ignore"):  # of threads, which the caller has counted
        between = fork()
        if between:
            if apart and waitpid(between, 0)[1]:
                raise OSError("the process cannot be copied")
            return False
        if apart:
            _end_in_the_parent()
    setsid()  # or what interrupts the original would end its copies
    random.setstate(state)
    gc.freeze()  # what is shared with the original stays so
    most = int(seconds) + _SLACK
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    return True


def told(word: socket.socket) -> float:
    """Wait until a copy is told to begin; return how long it may take, 0 if it is not needed."""
    size = struct.calcsize(GO)
    given = word.recv(size, socket.MSG_WAITALL)
    return float(struct.unpack(GO, given)[0]) if len(given) == size else 0.0


def end() -> NoReturn:
    """End a copy, without anything that an answer may have left to be done at the end."""
    _exit(0)


def _end_in_the_parent() -> None:
    """Fork once more, and go on in the child alone."""
    status = 1
    try:
        status = 0 if fork() else -1
    finally:
        if status >= 0:
            _exit(status)
