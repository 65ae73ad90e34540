"""A control group of Linux (version 2) for a room, where the grader may make one.

Linux counts there all that the processes of a room take, whatever it is, and ends them when it is
too much. A group with limits can stand beside the grader's own if the one above both gives limits
of memory on, and the grader may write to it: root's sessions and services are so under systemd,
and an ordinary user's services, but not their logins. :mod:`.watch` leans on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import sleep

import psutil

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
_PATIENCE = 5  # seconds until a group whose processes have ended is empty
_numbers = count()


def make(processes: Iterable[int], memory: int) -> Path | None:
    """Move processes into a new group, and return it; None if there cannot be one.

    Parameters
    ----------
    processes : iterable of int
        Those of a room. What they have taken so far is not counted.
    memory : int
        The most megabytes that they, and all that they start, may take.
    """
    above = _above()
    if above is None:
        return None
    _tidy(above)
    group = above / f"room-{os.getpid()}-{next(_numbers)}"
    try:
        group.mkdir()
    except OSError:
        return None
    try:
        (group / "memory.max").write_text(str(memory * 2**20))
        (group / "memory.oom.group").write_text("1")  # the whole room ends, not a part of it
        if (group / "memory.swap.max").exists():
            (group / "memory.swap.max").write_text("0")
        for process in processes:
            with suppress(ProcessLookupError):  # it has ended
                (group / "cgroup.procs").write_text(str(process))
    except OSError:
        remove(group)
        return None
    return group


def remove(group: Path) -> None:
    """Remove a group as soon as it is empty."""
    for _ in range(_PATIENCE * 100):
        try:
            group.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            sleep(0.01)


def _tidy(above: Path) -> None:
    """Remove the empty groups of graders that were killed, and could not do it themselves."""
    for group in above.glob("room-*-*"):
        pid = group.name.split("-")[1]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            with suppress(OSError):  # its processes are about to end, or another grader was faster
                group.rmdir()


def _above() -> Path | None:
    """Return the group above the grader's own, if groups with limits can be made in it."""
    try:
        own = next(line for line in OWN.read_text().splitlines() if line.startswith("0::"))
        above = (ROOT / own.removeprefix("0::/")).parent
        given = (above / "cgroup.subtree_control").read_text().split()
    except (OSError, StopIteration):
        return None
    return above if "memory" in given and os.access(above, os.W_OK) else None
