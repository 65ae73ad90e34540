"""Tell a student which known mistake explains the checks that a submission failed, or nothing.

The known mistakes are those of :mod:`autograders.course.misconceptions`; what each of them leaves
behind is stored by :mod:`autograders.course.answers.verdicts`. :class:`TellMistakes` puts the
sentence into the feedback page, and :mod:`autograders.report` counts them over the class.

Names of failed checks tell few mistakes apart, so what the checks said is compared too. Measured by
``python -m autograders.course.answers.precision --run 10``, over all twelve labs and their 741
mistakes, on combinations that are stored nowhere: in 120 pairs that were run, 75 % of the mistakes
were named, in 180 sentences, all true; in 3545 composed pairs 78 %, in 5503 sentences, 99.9 % of
them true; in 3600 composed triples 77 %, in 8363, 99.8 % true. By the checks' names alone it would
be 9 % of the mistakes in composed pairs, and 78 % of the sentences would be true. A mistake that is
not known at all gets a sentence in 120 of 741 cases, about the right cell but another idea: so the
sentence says that the checks failed *as they do* for that idea, not that a student has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode

from autograders.course.answers import verdicts
from autograders.course.misconceptions import Answer, collect
from autograders.grading.failures import failures, section

MOST = 3  # mistakes that may explain a lab together

Known = Sequence[tuple[Answer, Mapping[str, str]]]


@cache
def known(lab: str) -> Known:
    """Return a lab's wrong answers, each with its stored failures.

    An answer that is not stored yet is left out: nobody has seen what it fails. So is one that gets
    part of a check's points: that check has not failed, and has said itself what was missing.
    """
    stored = verdicts.read(lab)
    wrong = [a for a in collect(lab) if not (a.right or a.points)]
    return [(a, stored[a.name]) for a in wrong if stored.get(a.name)]


def explain(mistakes: Known, failed: Collection[str]) -> list[tuple[Answer, ...]]:
    """Return every smallest group of mistakes that explains the failed checks exactly.

    Parameters
    ----------
    mistakes : sequence of (Answer, mapping of str to str)
        As :func:`known` returns them.
    failed : collection of str, or mapping of str to str
        Grade ids of all failed checks of a lab; with what each of them said, if it is a mapping.

    Returns
    -------
    list of tuple of Answer
        Groups of at most `MOST`, all of one size. In a group no two answers replace the same cell,
        together they fail the failed checks and no other, and each thing that was said is what one
        of them makes that check say, but for numbers.
    """
    said = (
        {check: verdicts.blot(text) for check, text in failed.items()}
        if isinstance(failed, Mapping)
        else {}
    )
    fitting = [pair for pair in mistakes if set(pair[1]) <= set(failed)]
    for size in range(1, MOST + 1):
        groups = [
            tuple(answer for answer, _ in group)
            for group in combinations(fitting, size)
            if apart(group)
            and set().union(*(left for _, left in group)) == set(failed)
            and all(any(left.get(c) == text for _, left in group) for c, text in said.items())
        ]
        if groups:
            return groups
    return []


def apart(group: Known) -> bool:
    """Return whether no two mistakes replace the same cell, so that one can make all of them."""
    cells = [cell for answer, _ in group for cell in answer.cells]
    return len(cells) == len(set(cells))


def agreed(groups: Sequence[Sequence[Answer]]) -> list[Answer]:
    """Return the answers that all explanations have in common."""
    names = [{answer.name for answer in group} for group in groups]
    return (
        [answer for answer in groups[0] if all(answer.name in n for n in names)] if groups else []
    )


def diagnose(lab: str, failed: Collection[str]) -> list[Answer]:
    """Return the known mistakes that must have been made to fail these checks of a lab.

    Parameters
    ----------
    lab, failed : str, collection of str
        The lab's name, and the failed checks as in :func:`explain`.

    Returns
    -------
    list of Answer
        What every smallest explanation has in common: nothing if there is no explanation, or if
        several exclude each other. No match, no guess.
    """
    return agreed(explain(known(lab), failed)) if failed else []


def unsure(lab: str, failed: Collection[str]) -> list[str]:
    """Return the solution cells that every explanation blames without agreeing on the mistake."""
    groups = explain(known(lab), failed) if failed else []
    if not groups:
        return []
    sure = {cell for answer in agreed(groups) for cell in answer.cells}
    blamed = [{cell for answer in group for cell in answer.cells} for group in groups]
    return sorted(set.intersection(*blamed) - sure)


def comments(notebook: NotebookNode, lab: str) -> dict[str, str]:
    """Return what to tell a student about an autograded lab, by the grade id of the answer."""
    try:
        failed = failures(notebook)
    except LookupError:
        return {}
    told = {}
    for answer in diagnose(lab, failed):
        cell = next(iter(answer.cells))
        told[cell] = f"The checks failed as they do for an answer with this idea: *{answer.idea}*"
    for cell in unsure(lab, failed):
        told[cell] = "The checks failed as they do for several known mistakes in this answer."
    return {cell: f"{text}{_reread(section(notebook, cell))}" for cell, text in told.items()}


class TellMistakes(NbGraderPreprocessor):
    """Add what :func:`comments` says to the comments on a feedback page, after a grader's own.

    It changes the page alone; the gradebook, and what a grader wrote, stay as they are.
    """

    # What the exporter sets for every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with sentences beside the answers that they are about."""
        told = comments(nb, resources["nbgrader"]["notebook"])
        for cell in nb.cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("solution") and marks["grade_id"] in told:
                parts = (marks.get("comment"), told[marks["grade_id"]])
                marks["comment"] = "\n\n".join(part for part in parts if part)
        return nb, resources


def _reread(heading: str) -> str:
    return f" Read again: {heading}." if heading else ""
