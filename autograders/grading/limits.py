"""How long the cells of a submission may run: a multiple of what the lab's own answers take.

The lab's own times are measured when they are first needed, which is when something has run for
longer than anything may without a reason. It leans on nothing; the grader's ``Execute`` leans on
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

# A part of a check, by grade id and number; None: any other cell; or the notebook as a whole.
Key = tuple[str, int] | None
WHOLE = ("", 0)
_CELLS = 15  # cells that may take as long as one may at least, together
_HASTE = 4  # times as short, once a submission has run out of time


@dataclass
class Limits:
    """What a submission may take.

    Parameters
    ----------
    least : float
        Seconds that every cell may take.
    times : float
        Times as long as the lab's own that each may take.
    most, whole : float
        Seconds that no cell, and no notebook, may exceed.
    measured : mapping, optional
        Seconds of the lab's own, by part of a check; None: those of its slowest other cell;
        ``WHOLE``: all together. Without it, all that is known is `least`.

    Attributes
    ----------
    exceeded : dict
        What has run out of time, in order, and after how many seconds.

    Examples
    --------
    >>> own = {("checks", 0): 0.1, ("trains", 0): 2.0, None: 0.5, WHOLE: 9.0}
    >>> limits = Limits(4, 10, 60, 600, own)
    >>> limits.of(("checks", 0)), limits.of(("trains", 0)), limits.of(None), limits.of(WHOLE)
    (4, 20.0, 5.0, 90.0)

    What has run out of time once is not waited for at length again:

    >>> limits.ran_out(("checks", 0))
    >>> limits.of(("checks", 0)), limits.of(("trains", 0))
    (1.0, 6.0)
    """

    least: float
    times: float
    most: float = inf
    whole: float = inf
    measured: Mapping[Key, float] = field(default_factory=dict)
    exceeded: dict[Key, float] = field(default_factory=dict)

    def of(self, key: Key) -> float:
        """Return how many seconds something may take."""
        if key == WHOLE:
            own = self.measured.get(WHOLE, 0.0)
            return min(self.whole, max(_CELLS * self.least, self.times * own))
        own = self.measured.get(key, self.measured.get(None, 0.0))
        seconds = max(self.least, self.times * own)
        if self.exceeded.keys() - {WHOLE}:
            seconds = max(seconds / _HASTE, 3 * own)
        return min(self.most, seconds)

    def ran_out(self, key: Key) -> None:
        """Note that something was stopped."""
        self.exceeded.setdefault(key, self.of(key))

    def unfair(self, measured: Mapping[Key, float]) -> bool:
        """Return whether what was stopped may take longer, as the lab's own times show.

        Of cells, the first one decides: what was stopped after it had less time for that reason.
        """
        fair = Limits(self.least, self.times, self.most, self.whole, measured)
        cells = [key for key in self.exceeded if key != WHOLE]
        stopped = [*cells[:1], WHOLE]
        return any(fair.of(key) > self.exceeded.get(key, inf) for key in stopped)
