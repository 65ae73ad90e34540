"""What came of a submission, and of a run: in the form in which it is shown and written as JSON.

:mod:`autograders.batch.run` makes outcomes, :mod:`autograders.batch.screen` shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograders.batch.stages import Submission

FORMAT = 1  # of the JSON; it changes when a key changes its meaning or goes away


class BatchError(RuntimeError):
    """Something that keeps a run from starting, or from going on; the message says what."""


class Status(StrEnum):
    """What came of a submission."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Stop:
    """Why a run ended early, and the status that the command ends with."""

    why: str
    status: int = 1


@dataclass(frozen=True)
class Look:
    """Something that a person should look at: a whole lab, or one cell of it."""

    lab: str
    cell: str
    reason: str


@dataclass(frozen=True)
class Times:
    """Where a submission's time went, in seconds.

    Attributes
    ----------
    sanitise, save : float
        Of the coordinator, before and after.
    execute : float
        Of the workers, over all labs.
    wait : float
        From the first to the last of it, less what anybody did.
    """

    sanitise: float = 0.0
    execute: float = 0.0
    save: float = 0.0
    wait: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of one submission.

    Attributes
    ----------
    student : str
        Whose it is.
    status : Status
        Whether it was done now, had been done before, or could not be done.
    error : str
        Why it could not be done.
    looks : tuple of Look
        What a person should look at.
    times : Times
        Where the time went.
    labs : tuple of (str, float)
        The labs, and the seconds that a worker took for each.
    cells : tuple of (str, str, float)
        The slowest cells: lab, grade id or number, seconds.
    """

    student: str
    status: Status
    error: str = ""
    looks: tuple[Look, ...] = ()
    times: Times = Times()
    labs: tuple[tuple[str, float], ...] = ()
    cells: tuple[tuple[str, str, float], ...] = ()

    @classmethod
    def of(
        cls, submission: Submission, status: Status, error: str = "", wall: float = 0.0
    ) -> Outcome:
        """Return what there is to say of a submission, without the submission itself."""
        labs = tuple((lab, done.seconds) for lab, done in sorted(submission.done.items()))
        execute = sum(seconds for _, seconds in labs)
        busy = submission.sanitise + execute + submission.save
        cells = sorted(
            ((lab, *cell) for lab, done in submission.done.items() for cell in done.cells),
            key=lambda cell: -cell[2],
        )
        return cls(
            submission.student,
            status,
            error,
            tuple(Look(*look) for look in submission.looks()),
            Times(submission.sanitise, execute, submission.save, max(0.0, wall - busy)),
            labs,
            tuple(cells[:3]),
        )


def as_json(
    step: str, assignment: str, outcomes: Iterable[Outcome], seconds: float, stop: Stop | None
) -> dict[str, Any]:
    """Return a run as what ``--json`` writes."""
    made = [
        {
            "student": one.student,
            "status": one.status.value,
            "error": one.error or None,
            "looks": [asdict(look) for look in one.looks],
            "seconds": asdict(one.times),
            "labs": dict(one.labs),
            "slowest_cells": [
                {"lab": lab, "cell": cell, "seconds": taken} for lab, cell, taken in one.cells
            ],
        }
        for one in outcomes
    ]
    return {
        "format": FORMAT,
        "step": step,
        "assignment": assignment,
        "seconds": seconds,
        "stopped": stop.why if stop else None,
        "counts": {s.value: sum(one["status"] == s.value for one in made) for s in Status},
        "submissions": made,
    }
