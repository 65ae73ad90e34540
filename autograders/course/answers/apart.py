"""Have known answers judged as submissions are: the answer in one process, the check in another.

:func:`judged` says what each check makes of an answer. It is slower than
:mod:`autograders.course.answers.runner`, which runs both in one process, and has to say the same:
``python -m autograders apart`` holds the one against the other for all known answers, and the tests
do for those that :func:`each_check_once` chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.utils import is_solution
from rich.console import Console
from traitlets.config import Config

from autograders import layout
from autograders.course import ROOT
from autograders.course.answers.runner import LABS, is_demo
from autograders.course.answers.verdicts import blot, read
from autograders.course.misconceptions import Answer, collect
from autograders.grading import settings
from autograders.grading.execute import SandboxedExecute
from autograders.preflight import apart, stock

RIGHT = 4  # right answers of a lab that the tests take
# What these make a check say is a matter of luck, as their names say.
LUCK = {("luck_decides", "shared_weights_check_accepts_right_libraries")}


@contextmanager
def grading(root: Path = ROOT, **more: Any) -> Iterator[SandboxedExecute]:
    """Make what executes submissions under this course's settings and more, for labs in `root`."""
    config = settings.load(ROOT)
    config.merge(Config({**more, "CourseDirectory": {"root": str(root)}}))
    with apart.grading(layout.course(root, config)) as executor:
        yield executor


def judged(
    executor: SandboxedExecute, lab: Path, replacing: Mapping[str, str]
) -> dict[str, tuple[bool, str, str]]:
    """Return, by grade id, whether a check gave its points, what it said, what a student reads.

    Parameters
    ----------
    executor : SandboxedExecute
        Of :func:`grading`.
    lab : Path
        The lab's source.
    replacing : mapping of str to str
        Source by grade id of a solution cell; the others have the lab's own answer.
    """
    notebook = nbformat.read(lab, as_version=4)
    notebook.cells = [
        cell for cell in notebook.cells if cell.cell_type == "code" and not is_demo(cell)
    ]
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if is_solution(cell) and name in replacing:
            cell.source = replacing[name]
    found = stock.verdicts(apart.run(executor, lab, notebook))
    return {name: (v.score == v.most, v.said, v.why) for name, v in found.items()}


def differences(lab: Path, answers: Sequence[Answer]) -> list[str]:
    """Return, in a sentence each, where answers are judged otherwise than in one process.

    Parameters
    ----------
    lab : Path
        The lab's source. Its own answers are judged first.
    answers : sequence of Answer
        Known answers to it. What they fail, and what the checks say then, is stored with them.
    """
    stored, found = read(lab.stem), []
    reference = Answer(lab.stem, "reference", "The lab's own.", {}, frozenset())
    with grading() as executor:
        for answer in (reference, *answers):
            for check, (passed, said, why) in judged(executor, lab, answer.cells).items():
                where = f"{answer.name}, {check}"
                if passed == (check in answer.fails):
                    found.append(f"{where}: {'passed' if passed else said}")
                elif not passed and (answer.name, check) not in LUCK:
                    before, now = stored[answer.name][check], blot(said.removesuffix(": "))
                    if before != now:
                        found.append(f"{where}: {now!r} instead of {before!r}")
                kind, _, words = said.partition(": ")
                if kind == "AssertionError" and why != (words or kind):
                    found.append(f"{where}: its student reads {why!r}")
    return found


def each_check_once(answers: Sequence[Answer]) -> list[Answer]:
    """Return some right answers, and of the wrong ones so many that each check fails one of them.

    Those that fail most of what is still to be failed come first.

    Examples
    --------
    >>> fails = {"a": {"x"}, "b": {"x", "y"}, "c": {"x"}, "d": {"z"}, "e": set()}
    >>> known = [Answer("01_toy", n, "An idea.", {}, frozenset(f)) for n, f in fails.items()]
    >>> [answer.name for answer in each_check_once(known)]
    ['e', 'b', 'd']
    """
    left = {check for answer in answers for check in answer.fails}
    chosen = [answer for answer in answers if answer.right][:RIGHT]
    while left:
        chosen.append(max(answers, key=lambda answer: len(left & answer.fails)))
        left -= chosen[-1].fails
    return chosen


def main(labs: Sequence[str] = ()) -> int:
    """Have all known answers to some labs, or to all, judged apart; return the exit status."""
    console, wrong = Console(), 0
    known = {lab.stem: lab for lab in LABS}
    if unknown := set(labs) - set(known):
        console.print(f"no lab {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        return 2
    for name in labs or known:
        answers = collect(name)
        with console.status(f"{name}: judging {len(answers)} answers"):
            found = differences(known[name], answers)
        console.print(f"{name}: {len(answers)} answers, {len(found)} differences")
        for sentence in found:
            console.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
        wrong += len(found)
    return 1 if wrong else 0
