"""End a kernel that takes more memory than it may have as a whole.

Linux limits each process by itself (:mod:`.provisioner` sets those limits); a kernel may have many.
:func:`watch` looks at all of them from outside, by the PID namespace that they cannot leave.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

MEGABYTE = 2**20


def watch(process: Any, memory: int) -> Thread:
    """Start to watch a sandbox, as long as it lives.

    Parameters
    ----------
    process : subprocess.Popen
        Bubblewrap, whose end ends everything in the sandbox.
    memory : int
        The most megabytes that all processes may take together.
    """
    thread = Thread(target=_watch, args=(process, memory), daemon=True)
    thread.start()
    return thread


def _watch(process: Any, memory: int) -> None:
    while process.poll() is None:
        pids = list(inside(process.pid))
        taken = sum(map(_resident, pids))
        if taken > memory:
            taken = sum(map(_share, pids))  # takes longer, and counts shared pages once
        if taken > memory:
            process.kill()
        sleep(0.5)


@contextmanager
def within(bubblewrap: int) -> Iterator[int]:
    """Open the root of the sandbox that a process of Bubblewrap has made.

    Raises
    ------
    FileNotFoundError
        If it is not there, or not yet.
    """
    root = os.open(f"/proc/{_first(bubblewrap)}/root", os.O_PATH | os.O_CLOEXEC)
    try:
        if os.path.samestat(os.fstat(root), os.stat("/")):
            raise FileNotFoundError("the sandbox is not there yet")
        yield root
    finally:
        os.close(root)


def _first(bubblewrap: int) -> int:
    """Return the process that Bubblewrap has started in the sandbox; 0: none."""
    children = _text(Path(f"/proc/{bubblewrap}/task/{bubblewrap}/children")).split()
    return int(children[0]) if children else 0


def inside(bubblewrap: int) -> Iterator[int]:
    """Yield the processes in the sandbox that a process of Bubblewrap has made."""
    namespace = _namespace(_first(bubblewrap))
    if namespace and namespace != _namespace(os.getpid()):
        for name in os.listdir("/proc"):
            if name.isdigit() and _namespace(int(name)) == namespace:
                yield int(name)


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""  # it has ended, or is somebody else's


def _resident(pid: int) -> float:
    """Return the megabytes of a process that are in memory, shared ones as if its own."""
    fields = _text(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE if fields else 0


def _share(pid: int) -> float:
    """Return the megabytes of a process, what it shares divided among those it shares with."""
    for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return _resident(pid)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
