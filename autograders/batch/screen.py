"""Show a run while it goes on, and say at the end what to look at and where the time went.

It leans on Rich and :mod:`autograders.batch.outcome`; :mod:`autograders.batch.command` puts it on
the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from time import perf_counter

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from autograders.batch.outcome import Outcome, Status, Stop, Times
from autograders.console import one_line
from autograders.grading.summary import together

SHOWN = 20  # rows of a table; `--json` has them all
SLOWEST = 5


class Screen:
    """A progress bar with what went wrong above it, and tables at the end.

    Parameters
    ----------
    console : Console
        Where to print.
    step : str
        What is done, as in "grade".
    """

    def __init__(self, console: Console, step: str) -> None:
        self.console, self.step = console, step
        self.outcomes: list[Outcome] = []
        self.began = perf_counter()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Pace(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self.bar = self.progress.add_task(step, total=None, did=0)

    def start(self, total: int) -> None:
        """There are so many submissions."""
        self.progress.update(self.bar, total=total)
        self.progress.start()

    def done(self, outcome: Outcome) -> None:
        """A submission is through."""
        self.outcomes.append(outcome)
        did = sum(one.status is not Status.SKIPPED for one in self.outcomes[-1:])
        self.progress.update(self.bar, advance=1, did=self.progress.tasks[0].fields["did"] + did)
        if outcome.error:
            self._say(f"{outcome.student}: {outcome.error}", "red")
        for lab, cell, reason in _together(outcome):
            where = f", {cell}" if cell else ""
            self._say(f"{outcome.student}, {lab}{where}: {reason}", "yellow")

    def trouble(self, sentence: str) -> None:
        """Something that does not stop the run."""
        self._say(sentence, "yellow")

    def tick(self) -> None:
        """Time went by; Rich draws by itself."""

    def end(self, stop: Stop | None) -> None:
        """Print the tables."""
        self.progress.stop()
        self._tell(_counts(self.step, self.outcomes, perf_counter() - self.began))
        for table in (_to_look_at(self.outcomes), _slowest(self.outcomes), _times(self.outcomes)):
            if table.row_count:
                self._tell("")
                self.console.print(table)
        if stop:
            self._say(stop.why, "red")

    def _say(self, sentence: str, style: str) -> None:
        self.console.print(one_line(sentence), style=style, markup=False, highlight=False)

    def _tell(self, sentence: str) -> None:
        self.console.print(sentence, markup=False, highlight=False)


class _Pace(ProgressColumn):
    """Submissions in a minute, and the time that is left at this rate."""

    def render(self, task: Task) -> Text:
        """Return both, once something was done; what was skipped took no time."""
        did, elapsed = task.fields["did"], task.elapsed or 0
        if not did or not elapsed or task.remaining is None:
            return Text("")
        left = round(task.remaining * elapsed / did)
        return Text(f"{60 * did / elapsed:.1f} a minute, {duration(left)} left")


def duration(seconds: float) -> str:
    """Return a time as a person would say it.

    Examples
    --------
    >>> duration(8), duration(100), duration(7500)
    ('8 s', '1 min 40 s', '2 h 05 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest} s"


def _counts(step: str, outcomes: Sequence[Outcome], seconds: float) -> str:
    found = Counter(one.status for one in outcomes)
    did = found[Status.DONE]
    parts = [f"{step}: {did} done in {duration(seconds)}"]
    if did:
        parts[0] += f" ({60 * did / seconds:.1f} a minute)"
    if found[Status.SKIPPED]:
        parts.append(f"{found[Status.SKIPPED]} had been done before")
    if found[Status.FAILED]:
        parts.append(f"{found[Status.FAILED]} could not be done")
    return ", ".join(parts)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE, title_style="bold")
    for column in columns:
        right = column in ("seconds", "share", "a submission", "median", "worst")
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    return table


def _to_look_at(outcomes: Sequence[Outcome]) -> Table:
    rows = [(one.student, *row) for one in outcomes for row in _together(one)]
    rows += [(one.student, "", "", one.error) for one in outcomes if one.error]
    title = f"To look at: {len(rows)}"
    if len(rows) > SHOWN:
        title += f", of which {SHOWN} are shown"
    table = _table(title, "student", "lab", "cell", "why")
    for row in rows[:SHOWN]:
        table.add_row(*map(_cell, row))
    return table


def _cell(text: str) -> str:
    """Return text that is shown as it is, whoever wrote it."""
    return escape(one_line(text))


def _together(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    return together((look.lab, look.cell, look.reason) for look in outcome.looks)


def _slowest(outcomes: Sequence[Outcome]) -> Table:
    """Return the cells that took longest, each with the median over the submissions it is in."""
    taken: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for one in outcomes:
        for lab, cell, seconds in one.cells:
            taken.setdefault((lab, cell), []).append((seconds, one.student))
    table = _table("Slowest cells", "lab", "cell", "seconds", "student")
    worst = sorted(((max(found), key) for key, found in taken.items()), reverse=True)
    for (seconds, student), (lab, cell) in worst[:SLOWEST]:
        table.add_row(_cell(lab), _cell(cell), f"{seconds:.1f}", _cell(student))
    return table


def _times(outcomes: Sequence[Outcome]) -> Table:
    table = _table("Where the time went", "", "seconds", "a submission")
    did = [one.times for one in outcomes if one.status is Status.DONE]
    rows = {
        "sanitise": "coordinator, before",
        "execute": "workers",
        "save": "coordinator, after",
        "wait": "waiting for a worker, or for other labs",
    }
    for name, what in rows.items() if did else ():
        whole = sum(getattr(times, name) for times in did)
        table.add_row(what, f"{whole:.1f}", f"{whole / len(did):.3f}")
    return table


__all__ = ["Screen", "Times", "duration"]
