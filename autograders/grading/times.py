"""When something was handed in: what ``timestamp.txt`` says, whoever wrote it.

nbgrader ends with an error of its own, and grades nothing of a student's, where that file is not as
it would write it. :func:`read` reads what editors write, and :func:`forgive` has nbgrader go on
without a time where there is none, and say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

FILE = "timestamp.txt"
CLOCKS = timedelta(minutes=10)  # that two machines' may differ by


def read(folder: str | Path) -> datetime | None:
    """Return the time in a folder, in UTC without a time zone; None if there is none.

    Raises
    ------
    ValueError
        If what stands there is no time.
    """
    path = Path(folder, FILE)
    if not path.is_file():
        return None
    content = path.read_bytes()
    text = content.decode(json.detect_encoding(content), "replace").strip("\ufeff\0 \t\r\n")
    if not text:
        return None
    try:
        return parse_utc(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r}") from None


def to_come(time: datetime) -> bool:
    """Return whether a time cannot have been when something was handed in."""
    return time > datetime.now(UTC).replace(tzinfo=None) + CLOCKS


def forgive(course: CourseDirectory, tell: Callable[[str], None]) -> None:
    """Have a course's folders say when, and tell once of each of which that is in doubt."""
    if "get_existing_timestamp" in vars(course):
        return  # it does already
    told: set[tuple[str, ...]] = set()  # as nbgrader copies the file from step to step

    def get_existing_timestamp(folder: str) -> datetime | None:
        where, time = Path(folder, FILE), None
        try:
            time = read(folder)
        except (ValueError, OSError) as error:
            said = f"{where}: {error} is no time, so nobody counts as late; write it as in "
            said += "2026-11-23 15:45:00 UTC"
        else:
            said = f"{where}: {time} is still to come, and no later hand-in would count"
            if time is None or not to_come(time):
                return time
        whose = where.parts[-3:]
        if whose not in told:
            told.add(whose)
            tell(said)
        return time

    course.get_existing_timestamp = get_existing_timestamp
