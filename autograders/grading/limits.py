"""How long the cells of a submission may run: a multiple of what the lab's own answers take.

The lab's own times are measured when they are first needed, which is when something has run for
longer than anything may without a reason. It leans on nothing; the grader's ``Execute`` leans on
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf

# A part of a check, by grade id and number; a cell of the lab, by its source and -1; the notebook
# as a whole; or None: a cell that the lab does not have, a student's answer or experiment.
Key = tuple[str, int] | None
WHOLE = ("", 0)


def cell_key(source: str) -> Key:
    """Return the key of a cell of the lab."""
    return source.strip(), -1


_CELLS = 15  # cells that may take as long as one may at least, together
_HASTE = 4  # times as short, once a submission has run out of time


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

    Examples
    --------
    >>> measured = {("checks", 0): 0.1, ("trains", 0): 2.0, WHOLE: 9.0}
    >>> limits = Limits(4, 30, 10, 60, 600, measured)
    >>> limits.of(("checks", 0)), limits.of(("trains", 0)), limits.of(None), limits.of(WHOLE)
    (4, 20.0, 30, 90.0)

    What has run out of time once is not waited for at length again:

    >>> limits.ran_out(("checks", 0))
    >>> limits.of(("checks", 0)), limits.of(("trains", 0))
    (1.0, 6.0)
    """

    least: float
    own: float
    times: float
    most: float = inf
    whole: float = inf
    measured: Mapping[Key, float] = field(default_factory=dict)
    exceeded: dict[Key, float] = field(default_factory=dict)

    def of(self, key: Key) -> float:
        """Return how many seconds something may take."""
        if key == WHOLE:
            taken = self.measured.get(WHOLE, 0.0)
            return min(self.whole, max(_CELLS * self.least, self.times * taken, 2 * self.own))
        taken = self.measured.get(key, 0.0)
        seconds = max(self.own if key is None else self.least, self.times * taken)
        if self.exceeded.keys() - {WHOLE}:
            seconds = max(seconds / _HASTE, 3 * taken)
        return min(self.most, seconds)

    def ran_out(self, key: Key) -> None:
        """Note that something was stopped."""
        self.exceeded.setdefault(key, self.of(key))

    def unfair(self, measured: Mapping[Key, float]) -> bool:
        """Return whether what was stopped may take longer, as the lab's own times show.

        Of cells, the first one decides: what was stopped after it had less time for that reason.
        """
        fair = replace(self, measured=measured, exceeded={})
        cells = [key for key in self.exceeded if key != WHOLE]
        stopped = [*cells[:1], WHOLE]
        return any(fair.of(key) > self.exceeded.get(key, inf) for key in stopped)
