"""How long the cells of a submission may run: a multiple of what the lab's own answers take.

The lab's own times are measured when they are first needed, which is when something has run for
longer than anything may without a reason. What is stopped after that has its whole time. It leans
on nothing; the grader's ``Execute`` leans on
it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from math import inf

# A part of a check, by grade id and number; a cell of the lab, by its source and -1; the notebook
# as a whole; or None: a cell that the lab does not have, a student's answer or experiment.
Key = tuple[str, int] | None
WHOLE = ("", 0)
measured: dict[str, Mapping[Key, float]] = {}  # by a lab's digest: what its answers take here


def cell_key(source: str) -> Key:
    """Return the key of a cell of the lab."""
    return source.strip(), -1


_CELLS = 15  # cells that may take as long as one may at least, together
_HURRY = 4  # times as short as one may take at least, for each answer that has run out of time
_HASTE = 12  # times as short, for what uses such an answer; and at most
_LEAST = 3  # times the lab's own that this keeps


@dataclass
class Limits:
    """What a submission may take.

    Parameters
    ----------
    least : float
        Seconds that every cell may take.
    own : float
        Seconds that a cell may take which the lab does not have.
    times : float
        Times as long as the lab's own that each may take.
    most, whole : float
        Seconds that no cell, and no notebook, may exceed.
    measured : mapping, optional
        Seconds of the lab's own, by what took them. Without it, all that is known is `least`.

    Attributes
    ----------
    exceeded : dict
        What has run out of time, in order, and after how many seconds.
    suspects : set of str
        Names of the answers that what has run out of time uses.
    stopped : int
        How often something ran out of time that used none of the suspects by then.

    Examples
    --------
    >>> measured = {("checks", 0): 0.1, ("trains", 0): 2.0, WHOLE: 9.0}
    >>> limits = Limits(4, 30, 10, 60, 600, measured)
    >>> limits.of(("checks", 0)), limits.of(("trains", 0)), limits.of(None), limits.of(WHOLE)
    (4.0, 20.0, 30.0, 90.0)

    What uses an answer that has run out of time is not waited for at length again. Everything else
    has ten times the lab's own time, as before, but no longer so many seconds at least; and fewer
    with each answer that runs out of time:

    >>> limits.ran_out(("checks", 0), {"prune"})
    >>> limits.of(("trains", 0), {"prune", "fit"}), limits.of(("trains", 0), {"fit"})
    (6.0, 20.0)
    >>> limits.of(("checks", 0), {"prune"}), limits.of(("checks", 0), {"fit"})
    (0.3333333333333333, 1.0)
    >>> limits.ran_out(("trains", 0), {"fit"})
    >>> limits.of(("counts", 0), {"pack"})
    0.5
    """

    least: float
    own: float
    times: float
    most: float = inf
    whole: float = inf
    measured: Mapping[Key, float] | None = None
    exceeded: dict[Key, float] = field(default_factory=dict)
    suspects: set[str] = field(default_factory=set)
    stopped: int = 0

    def of(self, key: Key, uses: Set[str] = frozenset()) -> float:
        """Return how many seconds something may take that uses some of the answers."""
        taken = (self.measured or {}).get(key, 0.0)
        if key == WHOLE:
            return min(self.whole, max(_CELLS * self.least, self.times * taken, 2 * self.own))
        least, times = self.own if key is None else self.least, self.times
        if not self.suspects.isdisjoint(uses):
            least, times = least / _HASTE, _LEAST
        elif self.stopped:
            least /= min(_HASTE, _HURRY * self.stopped)
        return min(self.most, max(float(least), times * taken))

    def ran_out(self, key: Key, uses: Set[str] = frozenset()) -> None:
        """Note that something was stopped."""
        self.exceeded.setdefault(key, self.of(key, uses))
        self.stopped += self.suspects.isdisjoint(uses)
        self.suspects |= uses
