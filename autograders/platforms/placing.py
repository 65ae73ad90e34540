"""Puts hand-ins where nbgrader looks for them: the latest of each student, as a whole.

Of two hand-ins the later one counts. If times do not tell, a person says which; what was in
``submitted/`` before is kept in ``superseded/``. ``collect`` leans on it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograders.grading import times
from autograders.platforms.record import Known


@dataclass(frozen=True)
class HandIn:
    """One attempt of one student, read and found sound.

    Attributes
    ----------
    name : str
        Where in the download it is.
    student, assignment : str
    time : datetime, optional
        When it was handed in or packed by the student, if anything says so, in UTC without a time
        zone, as nbgrader has it.
    packed : datetime
        When the platform packed it: what it packed later it had later.
    labs : mapping of str to bytes
        Notebooks by the lab's name.
    ignored : tuple of str
        Files in it that are no lab.
    late : str
        The platform's words for being late, if it says so.
    known : Known, optional
        What the platform's names say.
    """

    name: str
    student: str
    assignment: str
    time: datetime | None
    packed: datetime
    labs: Mapping[str, bytes]
    ignored: tuple[str, ...] = ()
    late: str = ""
    known: Known | None = None


@dataclass
class Outcome:
    """What became of a download: a line for each file.

    Attributes
    ----------
    placed, kept : list of str
        Hand-ins that are now in ``submitted/``, and files that were passed over for a later one.
    unplaced : list of str
        Files that need a person, and why.
    doubts : list of str
        Names that do not agree with the class list, or with each other.
    absent : list of str
        Who is in the class list and has nothing in ``submitted/`` of an assignment of which the
        download has some hand-in.
    notes : list of str
        What a platform does not say.
    """

    placed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def latest(hand_ins: list[HandIn], outcome: Outcome) -> HandIn | None:
    """Return which of a student's hand-ins counts, if their times can tell; note the others."""
    dated = sum(one.time is not None for one in hand_ins)
    if 0 < dated < len(hand_ins):
        return _undated(hand_ins, outcome)
    by_time = {id(one): one.time or one.packed for one in hand_ins}
    time = max(by_time.values())
    first, *others = (one for one in hand_ins if by_time[id(one)] == time)
    differ = any(one.labs != first.labs for one in others)
    for one in hand_ins:
        if differ and by_time[id(one)] == time:
            outcome.unplaced.append(
                f"{one.name}: {one.student} handed in something else at the very same time; ask "
                "which one counts, and move the other away"
            )
        elif one is not first:
            outcome.kept.append(f"{one.name}: {one.student} handed in again")
    return None if differ else first


def _undated(hand_ins: list[HandIn], outcome: Outcome) -> HandIn | None:
    """Return one that has a time, if those that have none are the same; else note all of them."""
    first = max((one for one in hand_ins if one.time is not None), key=lambda one: str(one.time))
    if all(one.labs == first.labs for one in hand_ins):
        outcome.kept += [f"{o.name}: the same as {first.name}" for o in hand_ins if o is not first]
        return first
    outcome.unplaced += [
        f"{one.name}: of what {one.student} handed in some has a time and some has none; ask which "
        "one counts, and move the others away"
        for one in hand_ins
    ]
    return None


def place(
    hand_in: HandIn, root: Path, home: Path, labs: set[str], before: Known | None, outcome: Outcome
) -> bool:
    """Move a hand-in to its place as a whole, unless what is there is as late.

    Parameters
    ----------
    hand_in : HandIn
    root : Path
        The course's folder, in which ``superseded/`` keeps what is there.
    home : Path
        Its place.
    labs : set of str
        What the assignment has.
    before : Known, optional
        What a platform's names said of what is there.
    outcome : Outcome
        Where to note what was done.

    Returns
    -------
    bool
        Whether what is there now is the hand-in.
    """
    there = home.exists() and any(home.iterdir())
    if there:
        shown = f"{home.relative_to(root).as_posix()}/"
        same = all(_content(home / f"{lab}.ipynb") == text for lab, text in hand_in.labs.items())
        group, why = _weighed(hand_in, _time_of(home), before, same)
        if group:
            getattr(outcome, group).append(f"{hand_in.name}: {shown}{why}")
            return same
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".collect-") as scratch:
        made = Path(scratch, home.name)
        made.mkdir()
        for lab, content in hand_in.labs.items():
            (made / f"{lab}.ipynb").write_bytes(content)
        if hand_in.time is not None:
            stamp = f"{hand_in.time:%Y-%m-%d %H:%M:%S.%f} UTC\n"
            (made / "timestamp.txt").write_text(stamp, encoding="utf-8")
        if home.exists():
            _set_aside(home, root / "superseded" / hand_in.student, hand_in.assignment)
        os.replace(made, home)
    remarks = [f"without {lab}" for lab in sorted(labs - hand_in.labs.keys())]
    remarks += [f"left out {other}" for other in hand_in.ignored]
    remarks += [f"late ({hand_in.late!r})"] if hand_in.late else []
    if there and hand_in.time is None:
        remarks.append("in the place of an earlier one: grade it with --force")
    outcome.placed.append(f"{hand_in.student}: " + ", ".join([hand_in.name, *remarks]))
    return True


def _weighed(
    hand_in: HandIn, time: datetime | None, before: Known | None, same: bool
) -> tuple[str, str]:
    """Return where to note what against a hand-in, nothing if it goes in the place of another.

    Parameters
    ----------
    hand_in : HandIn
    time : datetime, optional
        Of what is there.
    before : Known, optional
        What a platform's names said of it.
    same : bool
        Whether what is there is what is handed in.
    """
    if time is not None and times.to_come(time):
        return "unplaced", (
            f"timestamp.txt says {time:%Y-%m-%d} UTC, which is still to come; write the right time "
            f"into it, run this again, and have {hand_in.student} graded with --force"
        )
    of = "has no time stamp" if time is None else f"is of {time:%Y-%m-%d %H:%M:%S} UTC"
    if hand_in.time is not None and time is not None:
        return ("kept", f" {of}, kept") if time >= hand_in.time else ("", "")
    if same:
        return "kept", " is the same, kept"
    if hand_in.time is not None and before is None:
        return "kept", f" {of}, kept"
    known = hand_in.known
    undated = hand_in.time is None and time is None
    if undated and before and known and before.platform == known.platform:
        later = hand_in.packed > before.time
        return ("", "") if later else ("kept", " was packed as late or later, kept")
    return "unplaced", (
        f" {of}, and this has {'one' if hand_in.time else 'none'}: nobody can tell which is later; "
        "ask, and move the other away"
    )


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _time_of(home: Path) -> datetime | None:
    with suppress(ValueError, OSError):
        return times.read(home)
    return None


def _set_aside(home: Path, folder: Path, assignment: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.move(home, folder / f"{assignment}--{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
