"""How much memory is left, and whether Linux has ended a process for want of it.

Control groups are asked where there are any, those above ours too, since each has a limit: they are
what a container, a service or a batch system gives a grader. It leans on psutil;
:mod:`.warm`, :mod:`autograders.grading.execute`, the judge and :mod:`autograders.batch.pool` lean
on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import psutil

MEGABYTE = 2**20
ROOT = Path("/sys/fs/cgroup")
# Megabytes that a grader takes with all that it starts for a lab: 619, measured with `kept` 1.
NEEDED = 640
_FILES = {  # by kind of control groups: the limit, what is used, what of it can go, and who had to
    "": ("memory.max", "memory.current", "inactive_file", "memory.events"),
    "memory": (
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
        "memory.oom_control",
    ),
}
SHORT = (
    "The machine that grades ran out of memory, and Linux ended Python; the cells from here on "
    "were not run. Grade this again when more memory is free."
)


def free() -> int:
    """Return how many bytes may still be used, here and in the control groups that we are in."""
    return min([psutil.virtual_memory().available, *_left(ROOT, _ours())])


def _left(root: Path, ours: dict[str, str]) -> Iterator[int]:
    """Yield what is left of each limit; files that can be read again take no memory."""
    for kind, folder in _groups(root, ours):
        limit, used, cached, _ = _FILES[kind]
        text = _read(folder / limit)
        if text.isdigit():
            taken = int(_read(folder / used) or 0) - _field(folder / "memory.stat", cached)
            yield max(0, int(text) - max(0, taken))


def kills() -> int:
    """Return how many processes have been ended so far: in our control group, else anywhere."""
    for kind, folder in _groups(ROOT, _ours()):
        events = folder / _FILES[kind][3]
        if events.exists():
            return _field(events, "oom_kill")
    return _field(Path("/proc/vmstat"), "oom_kill")


class Shortage:
    """Knows whether a process was ended for want of memory since this was made."""

    def __init__(self) -> None:
        self.before = kills()

    def __bool__(self) -> bool:
        return kills() > self.before


def _groups(root: Path, ours: dict[str, str]) -> Iterator[tuple[str, Path]]:
    """Yield the version and the folder of each control group of memory that we are in."""
    for kind, path in ours.items():
        top = root / kind if kind else root
        inside = top / path.strip("/")
        for folder in (inside, *inside.parents):
            if folder.is_relative_to(top) and (folder / _FILES[kind][1]).exists():
                yield kind, folder


@lru_cache
def _ours(table: Path = Path("/proc/self/cgroup")) -> dict[str, str]:
    """Return the path of our control group, by version; in a container it may not be there."""
    found = {}
    for line in _read(table).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in _FILES:
            found[controllers] = path
    return found


def _field(path: Path, name: str) -> int:
    for line in _read(path).splitlines():
        if line.split()[0] == name:
            return int(line.split()[1])
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # no such group, or nobody's business
        return ""
