"""``python -m autograders.course.answers.precision``: how often the diagnosis is true, measured.

Nothing that is diagnosed here is stored as it is: combinations of known mistakes, composed from
what each of them fails or (``--run N``) run through the lab's own checks; and every mistake alone,
with :mod:`autograders.course.answers.diagnosis` not knowing it, where anything it says is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import nbformat
from rich.console import Console
from rich.table import Table

from autograders.course.answers.diagnosis import Known, agreed, apart, explain, known
from autograders.course.answers.runner import LABS, failures, run_answers
from autograders.course.misconceptions import Answer

MOST = 300  # combinations of a size, of a lab


@dataclass
class Tally:
    """Counts: submissions, those without a sentence, sentences, true ones, mistakes made."""

    submissions: int = 0
    silent: int = 0
    said: int = 0
    true: int = 0
    made: int = 0

    def add(self, said: Iterable[Answer], made: Iterable[Answer]) -> None:
        """Count what was said about a submission in which these mistakes were made."""
        heard, names = {a.name for a in said}, {a.name for a in made}
        self.submissions += 1
        self.silent += not heard
        self.said += len(heard)
        self.true += len(heard & names)
        self.made += len(names)

    @property
    def precision(self) -> float:
        """The share of the sentences that is true."""
        return self.true / self.said if self.said else float("nan")

    @property
    def coverage(self) -> float:
        """The share of the mistakes that is told."""
        return self.true / self.made if self.made else float("nan")


def groups(mistakes: Known, size: int, most: int, rng: random.Random) -> list[Known]:
    """Return up to `most` combinations of mistakes in different cells, at random."""
    every = [group for group in combinations(mistakes, size) if apart(group)]
    return list(rng.sample(every, min(most, len(every))))


def compose(group: Known, rng: random.Random) -> dict[str, str]:
    """Return what checks say about mistakes made together: where two fail one, either is heard."""
    found: dict[str, str] = {}
    for _, left in rng.sample(list(group), len(group)):
        found = {**left, **found}
    return found


def together(group: Known) -> Answer:
    """Return the submission that makes all mistakes of a group."""
    answers = [answer for answer, _ in group]
    return replace(
        answers[0],
        name="__".join(answer.name for answer in answers),
        cells={name: source for answer in answers for name, source in answer.cells.items()},
        fails=frozenset().union(*(answer.fails for answer in answers)),
    )


def measure(labs: Collection[str], runs: int = 0, seed: int = 0) -> dict[str, Tally]:
    """Return tallies by the kind of submission, over all labs that have stored verdicts.

    Kinds that end in "by name" are diagnosed by the failed checks' names alone.
    """
    rng = random.Random(seed)
    found: dict[str, Tally] = {}

    def add(kind: str, mistakes: Known, heard: Mapping[str, str], made: list[Answer]) -> None:
        for suffix, failed in (("", heard), (", by name", list(heard))):
            tally = found.setdefault(kind + suffix, Tally())
            tally.add(agreed(explain(mistakes, failed)), made)

    for lab in labs:
        mistakes = known(lab)
        for size in (2, 3):
            for group in groups(mistakes, size, MOST, rng):
                heard = compose(group, rng)
                add(f"{size} mistakes", mistakes, heard, [answer for answer, _ in group])
        for number, (answer, left) in enumerate(mistakes):
            add("1 mistake", mistakes, left, [answer])
            add("1 unknown", [*mistakes[:number], *mistakes[number + 1 :]], left, [answer])
        if runs:
            _run(lab, groups(mistakes, 2, runs, rng), found.setdefault("2 mistakes, run", Tally()))
    return found


def _run(lab: str, pairs: Sequence[Known], tally: Tally) -> None:
    source = nbformat.read(next(p for p in LABS if p.stem == lab), as_version=4)
    outcomes = failures(run_answers(source, [together(pair) for pair in pairs], jobs=1))
    for pair in pairs:
        failed = outcomes[together(pair).name]
        tally.add(agreed(explain(known(lab), failed)), [answer for answer, _ in pair])


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tallies; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m autograders.course.answers.precision", description=__doc__
    )
    parser.add_argument("labs", nargs="*", default=[path.stem for path in LABS], metavar="LAB")
    parser.add_argument("--run", type=int, default=0, help="pairs of each lab to run (default: 0)")
    options = parser.parse_args(argv)
    table = Table("submissions with", "n", "silent", "sentences", "true", "precision", "coverage")
    for kind, t in measure(options.labs, options.run).items():
        numbers = (
            t.submissions,
            t.silent,
            t.said,
            t.true,
            f"{t.precision:.1%}",
            f"{t.coverage:.1%}",
        )
        table.add_row(kind, *map(str, numbers))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
