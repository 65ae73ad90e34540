"""End a room's processes when they take more memory than they may have together, or time each.

Linux limits each process by itself (:mod:`.room` sets those limits); a room may have many. Where
the machine lets the grader make a control group, Linux counts them all (:mod:`.group`). Elsewhere
:func:`watch` counts from outside: processes by the PID namespace that they cannot leave, what they
share by shares, the files of the room, and what Linux keeps for its sockets and pipes.

Processor time is counted from outside, too. Where Linux limits it (``RLIMIT_CPU``), it counts it in
ticks for the process itself, and ``time.process_time()`` stands still for milliseconds: answers
that divide by what they have measured would fail here, and nowhere else.
"""

from __future__ import annotations

import mmap
import os
import re
import signal
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

from autograders.grading.sandbox import group

MEGABYTE = 2**20
_PLACES = ("tmp", "dev/shm")  # all that can be written in a room
_INODE = 2**10  # bytes that Linux reckons for each file in memory, beside what is in it
_BUFFER = 0.25  # megabytes that a socket or a pipe may keep; TCP's are counted
_AREA = 2**8  # bytes that Linux keeps for each area of memory, whatever is in it
_PAGE = mmap.PAGESIZE  # the least that an area has; settings, which name this, load on Windows
_KILOBYTES = re.compile(rb"^(\w+):\s+(\d+) kB$", re.MULTILINE)
_NAMES = (b"VmPTE", b"VmRSS", b"VmSize")
_SOCKETS = re.compile(rb"^TCP: inuse (\d+)", re.MULTILINE)
_EVERY = 0.5  # seconds
_looking = Lock()
_found: list[Any] = [0.0, {}]  # when somebody looked last, and what was there


def watch(process: Any, memory: int, cpu: int) -> Thread:
    """Start to watch a sandbox, as long as it lives.

    Parameters
    ----------
    process : subprocess.Popen
        Bubblewrap, whose end ends everything in the sandbox.
    memory : int
        The most megabytes that all processes may take together.
    cpu : int
        The most seconds of processor time that a process may take.
    """
    made = group.make(inside(process.pid), memory)
    thread = Thread(target=_watch, args=(process, memory, cpu, made), daemon=True)
    thread.start()
    return thread


def end(process: Any) -> None:
    """End a sandbox, however far Bubblewrap has come with it.

    Its second process asks to be ended with the first one only after some milliseconds, and waits
    for ever if that was too late. They are of one group, of which the first is the head.
    """
    if process.poll() is None:
        with suppress(ProcessLookupError):  # it has no group of its own
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()


def _watch(process: Any, memory: int, cpu: int, made: Path | None) -> None:
    try:
        while process.poll() is None:
            pids = _look(process.pid, _EVERY / 2)
            full = not made and _is_full(process.pid, pids, memory)
            if full or any(_computed(pid) > cpu for pid in pids):
                end(process)
            sleep(_EVERY - monotonic() % _EVERY)  # when the others look: once for all
    finally:
        end(process)  # nobody looks any more, whatever the reason
        if made:
            group.remove(made)


def _is_full(bubblewrap: int, pids: Sequence[int], memory: int) -> bool:
    """Return whether a sandbox has taken more megabytes than it may have."""
    files = _files(bubblewrap)
    return _at_most(pids) + files > memory and _exactly(pids) + files > memory


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


def inside(bubblewrap: int) -> Sequence[int]:
    """Return the processes in the sandbox that a process of Bubblewrap has made."""
    return _look(bubblewrap, 0)


def _look(bubblewrap: int, old: float) -> Sequence[int]:
    """Return them as they were found some seconds ago, or less."""
    namespace = _namespace(_first(bubblewrap))
    if not namespace or namespace == _namespace(os.getpid()):
        return []
    with _looking:
        if monotonic() - _found[0] > old:
            _found[:] = monotonic(), _by_namespace()
        return _found[1].get(namespace, [])


def _by_namespace() -> Mapping[str, Sequence[int]]:
    """Return all processes of the machine."""
    found = defaultdict(list)
    for name in filter(str.isdigit, os.listdir("/proc")):
        found[_namespace(int(name))].append(int(name))
    return found


def _first(bubblewrap: int) -> int:
    """Return the process that Bubblewrap has started in the sandbox; 0: none."""
    children = _read(f"{bubblewrap}/task/{bubblewrap}/children").split()
    return int(children[0]) if children else 0


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""  # it has ended, or is somebody else's


def _computed(pid: int) -> float:
    """Return the seconds of processor time of a process."""
    fields = _read(f"{pid}/stat").rpartition(b")")[2].split()  # a name may be anything
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")  # none: it has ended


def _files(bubblewrap: int) -> float:
    """Return the megabytes of a sandbox's files, which are in memory."""
    taken = 0.0
    try:
        with within(bubblewrap) as root:
            for name in _PLACES:
                place = os.open(name, os.O_PATH | os.O_CLOEXEC, dir_fd=root)
                told = os.statvfs(place)
                os.close(place)
                taken += (told.f_blocks - told.f_bfree) * told.f_frsize
                taken += (told.f_files - told.f_ffree) * _INODE
    except OSError:
        return 0  # it has ended
    return taken / MEGABYTE


def _at_most(pids: Sequence[int]) -> float:
    """Return megabytes of processes that are never too few, and quickly counted."""
    areas = _most_areas() * _AREA / MEGABYTE
    each = (
        memory.tables + memory.resident + min(memory.addresses * _AREA / _PAGE, areas)
        for memory in map(_status, pids)
    )
    buffers = sum(map(_how_many_open, pids)) * _BUFFER
    return sum(each) + buffers + _connected(pids) * _largest_queues()


def _exactly(pids: Sequence[int]) -> float:
    """Return the megabytes of processes, what they share counted once."""
    kept = {file for pid in pids for file in _open(pid) if file.startswith(("socket", "pipe"))}
    return sum(map(_share, pids)) + len(kept) * _BUFFER + _queued(pids)


class _Memory(NamedTuple):
    """Megabytes of a process's page tables, in memory, and of addresses."""

    tables: float
    resident: float
    addresses: float


def _status(pid: int) -> _Memory:
    kilobytes = dict(_KILOBYTES.findall(_read(f"{pid}/status")))
    return _Memory(*(int(kilobytes.get(name, 0)) / 1024 for name in _NAMES))


def _share(pid: int) -> float:
    """Return the megabytes of a process, what it shares divided among those it shares with."""
    shares = dict(_KILOBYTES.findall(_read(f"{pid}/smaps_rollup")))
    memory = _status(pid)
    resident = int(shares[b"Pss"]) / 1024 if b"Pss" in shares else memory.resident
    return memory.tables + resident + _read(f"{pid}/maps").count(b"\n") * _AREA / MEGABYTE


@cache
def _most_areas() -> int:
    """Return how many areas of memory a process may have."""
    return int(_read("sys/vm/max_map_count") or 0)


def _open(pid: int) -> list[str]:
    """Return what a process has open, each by a name that other processes have for it, too."""
    try:
        with os.scandir(f"/proc/{pid}/fd") as entries:
            return [os.readlink(entry.path) for entry in entries]
    except OSError:
        return []


def _how_many_open(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0  # it has ended


def _connected(pids: Sequence[int]) -> int:
    """Return how many of TCP's sockets there are; every kernel has one."""
    found = [_SOCKETS.search(_read(f"{pid}/net/sockstat")) for pid in pids[:1]]
    return sum(int(match[1]) for match in found if match)


@cache
def _largest_queues() -> float:
    """Return the megabytes that the two queues of one of TCP's sockets may take."""
    sizes = [_read(f"sys/net/ipv4/tcp_{way}mem").split() for way in "rw"]
    return sum(int(size[-1]) for size in sizes if size) / MEGABYTE  # none: Linux has no TCP


def _queued(pids: Sequence[int]) -> float:
    """Return the megabytes that wait in TCP's queues, which grow to ten times other sockets'.

    This takes Linux milliseconds: it goes through all that the machine could have.
    """
    lines = [line.split() for pid in pids[:1] for line in _read(f"{pid}/net/tcp").splitlines()[1:]]
    return sum(int(size, 16) for line in lines for size in line[4].split(b":")) / MEGABYTE


def _read(name: str) -> bytes:
    """Return what Linux says of a process; a student chose its name, which may be no text."""
    try:
        with open(f"/proc/{name}", "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""  # it has ended
