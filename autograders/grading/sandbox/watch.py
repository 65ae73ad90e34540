"""End a room's processes when they take more memory than they may have together, or time each.

Linux limits each process by itself (:mod:`.room` sets those limits); a room may have many. Where
the machine lets the grader make a control group, Linux counts them all (:mod:`.group`). Elsewhere
:func:`watch` counts from outside: processes by the PID namespace that they cannot leave, what they
share by shares, the files of the room, and what Linux keeps for its sockets, pipes and terminals.
What else it notes for processes is known for the whole machine at once; only where that is more
than is left to a room is its part looked for, which takes longer.

Some things Linux has so many of for a user, or for the machine, whatever they take: a room that
has very many of them is ended, for there would be none for others.

Processor time is counted from outside, too. Where Linux limits it (``RLIMIT_CPU``), it counts it in
ticks for the process itself, and ``time.process_time()`` stands still for milliseconds: answers
that divide by what they have measured would fail here, and nowhere else.
"""

from __future__ import annotations

import mmap
import os
import re
import signal
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from math import inf
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

from autograders.grading.sandbox import calls, group

MEGABYTE = 2**20
_PLACES = ("tmp", "dev/shm")  # all that can be written in a room
_INODE = 2**11  # bytes that each file in memory takes, beside what is in it: a name takes 300
_PIPE, _SOCKET = 0.25, 0.5  # megabytes that one may keep; TCP's are counted
_TERMINALS = 64  # of 3072 for all rooms of a machine; each keeps as much as a pipe
_NOTES = 2**15  # locks of fcntl, and files that epoll watches: a thousand times what is usual
_NOTE = 2**8  # bytes that each takes
_AREA = 2**8  # bytes that Linux keeps for each area of memory, whatever is in it
_PAGE = mmap.PAGESIZE  # the least that an area has; settings, which name this, load on Windows
_KILOBYTES = re.compile(rb"^(\w+):\s+(\d+) kB$", re.MULTILINE)
_NAMES = (b"VmPTE", b"VmRSS", b"VmSwap", b"VmSize")
_USED = re.compile(rb"^(?:sockets: used|TCP: inuse) (\d+)", re.MULTILINE)
_SHARED = re.compile(rb" (\d+) +/dev/zero \(deleted\)$", re.MULTILINE)
_SENT = re.compile(rb"^scm_fds: [1-9]", re.MULTILINE)
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
            told = {pid: _fields(pid) for pid in _look(process.pid, _EVERY / 2)}
            pids = [_living(pid) if _has_ended(fields) else pid for pid, fields in told.items()]
            full = _is_full(process.pid, pids, inf if made else memory)
            if full or any(_computed(fields) > cpu for fields in told.values()):
                end(process)
            for pid in pids:
                _let_go_first(pid)
            sleep(_EVERY - monotonic() % _EVERY)  # when the others look: once for all
    finally:
        end(process)  # nobody looks any more, whatever the reason
        if made:
            group.remove(made)


def _is_full(bubblewrap: int, pids: Sequence[int], memory: float) -> bool:
    """Return whether a sandbox has taken more megabytes than it may have, or what others need."""
    (files, terminals), machine = _files(bubblewrap), _machine()
    most = _at_most(pids) + files if memory < inf else 0
    left = min(memory - most - machine.shared, _all_watches() / 2)
    if terminals <= _TERMINALS and machine.noted <= left:
        return False
    hidden = inf if terminals > _TERMINALS else _hidden(pids, machine)
    return most + hidden > memory and _exactly(pids) + files + hidden > memory or hidden == inf


def _let_go_first(pid: int) -> None:
    """Have a process be the first to go where memory is short, whatever it has said itself."""
    with suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"500")


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


def _living(pid: int) -> int:
    """Return a thread that can be asked about a process whose first one has ended."""
    with suppress(OSError):
        threads = map(int, os.listdir(f"/proc/{pid}/task"))
        return next((thread for thread in threads if not _has_ended(_fields(thread))), pid)
    return pid


def _has_ended(fields: Sequence[bytes]) -> bool:
    return not fields or fields[0] in b"ZX"


def _computed(fields: Sequence[bytes]) -> float:
    """Return the seconds of processor time of a process."""
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")  # none: it has ended


def _fields(pid: int) -> list[bytes]:
    """Return what Linux says first of a process, from its state on."""
    return _read(f"{pid}/stat").rpartition(b")")[2].split()  # a name may be anything


def _files(bubblewrap: int) -> tuple[float, int]:
    """Return the megabytes of a sandbox's files, which are in memory, and how many terminals."""
    taken = 0.0
    try:
        with within(bubblewrap) as root:
            for name in _PLACES:
                place = os.open(name, os.O_PATH | os.O_CLOEXEC, dir_fd=root)
                told = os.statvfs(place)
                os.close(place)
                taken += (told.f_blocks - told.f_bfree) * told.f_frsize
                taken += (told.f_files - told.f_ffree) * _INODE
            folder = os.open("dev/pts", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root)
            terminals = len(os.listdir(folder)) - 1  # beside the one that makes them
            os.close(folder)
    except OSError:
        return 0, 0  # it has ended
    return taken / MEGABYTE + terminals * _PIPE, terminals


def _at_most(pids: Sequence[int]) -> float:
    """Return megabytes of processes that are never too few, and quickly counted."""
    areas = _most_areas() * _AREA / MEGABYTE
    each = (
        sum(memory[:3]) + min(memory.addresses * _AREA / _PAGE, areas)
        for memory in map(_status, pids)
    )
    buffers = sum(map(_how_many_open, pids)) * _PIPE
    return sum(each) + buffers + _sockets(pids)


def _exactly(pids: Sequence[int]) -> float:
    """Return the megabytes of processes, what they share counted once."""
    pipes = {pipe for pid in pids for pipe in _pipes(pid)}
    return sum(map(_share, pids)) + len(pipes) * _PIPE + _sockets(pids, _queued(pids))


class _Memory(NamedTuple):
    """Megabytes of a process's page tables, in memory, moved out of it, and of addresses."""

    tables: float
    resident: float
    swapped: float
    addresses: float


def _status(pid: int) -> _Memory:
    kilobytes = dict(_KILOBYTES.findall(_read(f"{pid}/status")))
    return _Memory(*(int(kilobytes.get(name, 0)) / 1024 for name in _NAMES))


def _share(pid: int) -> float:
    """Return the megabytes of a process, what it shares divided among those it shares with."""
    shares = dict(_KILOBYTES.findall(_read(f"{pid}/smaps_rollup")))
    memory = _status(pid)
    own = memory.resident + memory.swapped
    if b"Pss" in shares:
        own = sum(int(shares.get(name, 0)) for name in (b"Pss", b"SwapPss")) / 1024
    return memory.tables + own + _read(f"{pid}/maps").count(b"\n") * _AREA / MEGABYTE


class _Machine(NamedTuple):
    """Megabytes of the whole machine: what Linux notes and cannot forget, and shared memory."""

    noted: float
    shared: float


def _machine() -> _Machine:
    """Return more than any room can have of it; what some containers do not tell is endless."""
    kilobytes = dict(_KILOBYTES.findall(_read("meminfo")))
    return _Machine(*(int(kilobytes.get(n, 0)) / 1024 or inf for n in (b"SUnreclaim", b"Shmem")))


def _hidden(pids: Sequence[int], machine: _Machine) -> float:
    """Return megabytes that are in no process and no file: what is noted, and shared memory.

    Of memory that processes share, as much stays as there was once, though no process has more of
    it than a page. A file that waits in a socket cannot be looked into: nothing needs to wait long.
    """
    notes, sent = 0, False
    for text in _told_of_open(pids):
        notes += text.count(b"\nlock:") + text.count(b"\ntfd:")
        sent = sent or _SENT.search(text) is not None
        if notes > _NOTES:
            return inf
    for _ in range(5):
        if not sent:
            break
        sleep(0.2)
        sent = any(map(_SENT.search, _told_of_open(pids)))
    if sent:
        return inf
    objects = {which for pid in pids for which in _SHARED.findall(_read(f"{pid}/maps"))}
    shared = len(objects) * calls.LARGEST / MEGABYTE
    return notes * _NOTE / MEGABYTE + min(shared, machine.shared)


def _told_of_open(pids: Sequence[int]) -> Iterator[bytes]:
    """Yield what Linux tells of each file that processes have open."""
    for pid in pids:
        for number in _numbers(pid):
            yield _read(f"{pid}/fdinfo/{number}")


@cache
def _all_watches() -> float:
    """Return the megabytes of as many watches of epoll as a user may have in all rooms."""
    return int(_read("sys/fs/epoll/max_user_watches") or 0) * _NOTE / MEGABYTE


@cache
def _most_areas() -> int:
    """Return how many areas of memory a process may have."""
    return int(_read("sys/vm/max_map_count") or 0)


def _pipes(pid: int) -> Iterator[tuple[int, int]]:
    """Yield the pipes that a process has open, each as other processes have it, too."""
    for number in _numbers(pid):
        with suppress(OSError):
            told = os.stat(f"/proc/{pid}/fd/{number}")
            if stat.S_ISFIFO(told.st_mode):
                yield told.st_dev, told.st_ino


def _how_many_open(pid: int) -> int:
    return len(_numbers(pid))


def _numbers(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []  # it has ended


def _sockets(pids: Sequence[int], queued: float = inf) -> float:
    """Return the megabytes of all sockets of a room, with what is known of TCP's queues.

    They are counted with those that nobody has open any more, but whose messages wait to be read,
    and with those that nobody has accepted yet.
    """
    told = _read(f"{pids[0]}/net/sockstat") if pids else b""
    used = [int(number) for number in _USED.findall(told)]
    return sum(used[:1]) * _SOCKET + min(sum(used[1:]) * _largest_queues(), queued)


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
