"""Put answers into a lab, run them, and hold the outcome against what each answer should get.

:func:`fill_in` makes a submission out of a released lab; the sample class is built with it.
:func:`run_answers` says what every answer scores on every check, by nbgrader's own rule, at a small
part of nbgrader's cost (:mod:`autograders.course.answers.replay`); ``python -m autograders check``
prints that as the kill matrix. The answers come from :mod:`autograders.course.misconceptions`.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade, is_solution
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from autograders.course import ROOT
from autograders.course.answers import promises
from autograders.course.answers.verdicts import changes, read, save
from autograders.course.misconceptions import Answer, AnswerError, check, collect
from autograders.preflight.stock import scored

LABS = sorted(ROOT.glob("modules/*/*.ipynb"))  # of every assignment, in order
SKIPPED = "demo"  # the tag of a cell that no check depends on
_MARKERS = re.compile(r"^.*\b(?:BEGIN|END) SOLUTION\b.*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What one answer gets for one check: points, and the failure's message."""

    score: float
    max_score: float
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether no point was lost."""
        return self.score == self.max_score


def fill_in(
    released: NotebookNode, source: NotebookNode, replacing: Mapping[str, str] | None = None
) -> NotebookNode:
    """Answer a released lab: the reference in every solution cell, but for those in `replacing`.

    Parameters
    ----------
    released, source : NotebookNode
        The lab as students get it, and as the course keeps it. Both are left unchanged.
    replacing : mapping of str to str
        Source by grade id of a solution cell.

    Raises
    ------
    AnswerError
        If a grade id in `replacing` is no solution cell, or a solution cell is not in `source`.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> marks = {"nbgrader": {"grade_id": "double", "solution": True}}
    >>> source = new_notebook(cells=[new_code_cell("2 * x", metadata=marks)])
    >>> released = new_notebook(cells=[new_code_cell("# Your code here.", metadata=marks)])
    >>> fill_in(released, source).cells[0].source
    '2 * x'
    >>> fill_in(released, source, {"double": "x + x"}).cells[0].source
    'x + x'
    """
    replacing = replacing or {}
    reference = {name: cell.source for name, cell in _solutions(source)}
    submission = copy.deepcopy(released)
    cells = dict(_solutions(submission))
    for name in replacing:
        if name not in cells:
            raise AnswerError(f"no solution cell {name}; the lab has: {', '.join(cells) or 'none'}")
    for name, cell in cells.items():
        if name not in reference:
            raise AnswerError(f"solution cell {name} is not in the source: release the lab again")
        cell.source = replacing.get(name, _MARKERS.sub("", reference[name]).rstrip("\n"))
    return submission


def run_answers(
    source: NotebookNode,
    answers: Sequence[Answer],
    jobs: int = 2,
    timeout: int = 60,
    one_failure: bool = False,
) -> dict[str, dict[str, Verdict]]:
    """Run a lab with its reference and with each answer, one after the other put in its place.

    Parameters
    ----------
    source : NotebookNode
        The lab with its solutions and hidden tests. Cells tagged ``demo`` are left out: no check
        may depend on them (if one did, the reference would fail it here).
    answers : sequence of Answer
        Answers to this lab, with different names, none of them ``reference``.
    jobs : int
        How many answers run at a time.
    timeout : int
        Seconds for a cell.
    one_failure : bool
        Leave an answer at the first check that ends in an error: those after it have no verdict.

    Returns
    -------
    dict
        By the answer's name (and ``"reference"``), by the check's grade id: the verdict that
        nbgrader's rule gives. An error costs all points; what is written on standard error costs
        none, as in grading.

    Raises
    ------
    AnswerError
        If an answer does not fit the lab.
    RuntimeError
        If the lab itself cannot be run; with the end of what it printed.
    """
    for answer in answers:
        check(answer, source)
    cells = [c for c in source.cells if c.cell_type == "code" and not is_demo(c)]
    position = {c.metadata.nbgrader["grade_id"]: i for i, c in enumerate(cells) if is_solution(c)}
    checks = {c.metadata.nbgrader["grade_id"]: c for c in cells if _is_check(c)}
    task = {
        "cells": [
            {"source": c.source, "check": c.metadata.nbgrader["grade_id"] if _is_check(c) else None}
            for c in cells
        ],
        "answers": [
            {"name": a.name, "cells": {position[name]: code for name, code in a.cells.items()}}
            for a in answers
        ],
        "jobs": jobs,
        "timeout": timeout,
        "one_failure": one_failure,
    }
    outcomes = _replay(task)
    return {
        answer: {name: _verdict(checks[name], outcome) for name, outcome in found.items()}
        for answer, found in outcomes.items()
    }


def solutions(notebook: NotebookNode) -> dict[str, str]:
    """Return the source of each solution cell that is code, by its grade id."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and is_solution(cell)]
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}


def is_demo(cell: NotebookNode) -> bool:
    """Return whether no check depends on a cell."""
    return SKIPPED in cell.metadata.get("tags", ()) and "nbgrader" not in cell.metadata


def problems(answers: Sequence[Answer], verdicts: Mapping[str, Mapping[str, Verdict]]) -> list[str]:
    """Return, in a sentence each, where verdicts differ from what the answers should get.

    Examples
    --------
    >>> percent = Answer("01_sparsity", "percent", "Reports a percentage.", {}, {"is_a_fraction"})
    >>> passed = {"is_a_fraction": Verdict(1, 1)}
    >>> problems([percent], {"reference": passed, "percent": passed})
    ['percent passes is_a_fraction, which is there to catch it']
    """
    found = [
        f"the reference fails {name}: {verdict.message}"
        for name, verdict in verdicts["reference"].items()
        if not verdict.passed
    ]
    for answer in answers:
        for name, verdict in verdicts[answer.name].items():
            if verdict.passed and name in answer.fails:
                found.append(f"{answer.name} passes {name}, which is there to catch it")
            elif not verdict.passed and name not in answer.fails:
                kind = "is right but fails" if answer.right else "fails, unannounced,"
                found.append(f"{answer.name} {kind} {name}: {verdict.message}")
            elif not verdict.passed and verdict.score != answer.points.get(name, 0):
                found.append(
                    f"{answer.name} gets {verdict.score:g} points for {name}, not "
                    f"{answer.points.get(name, 0):g}"
                )
    return found


def show(
    lab: str,
    answers: Sequence[Answer],
    verdicts: Mapping[str, Mapping[str, Verdict]],
    console: Console,
) -> None:
    """Print the kill matrix: a row for each answer, a column for each check."""
    checks = list(verdicts["reference"])
    title = f"{lab}: answers by checks"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("answer", no_wrap=True)
    for number in range(1, len(checks) + 1):
        table.add_column(str(number), justify="center")
    rows = [("reference", frozenset[str]()), *((a.name, a.fails) for a in answers)]
    for name, fails in rows:
        marks = (_mark(verdicts[name][c].passed, c in fails) for c in checks)
        table.add_row(name, *marks)
    console.print(table)
    for number, name in enumerate(checks, start=1):
        console.print(f"{number:4} {name} ({verdicts['reference'][name].max_score:g})")
    console.print("x fails as it should   . passes as it should   O survives   X fails unannounced")


def failures(verdicts: Mapping[str, Mapping[str, Verdict]]) -> dict[str, dict[str, str]]:
    """Return what each answer's failed checks said, by the answer's name and the grade id.

    Examples
    --------
    >>> failures({"percent": {"is_a_fraction": Verdict(0, 2, "50"), "counts": Verdict(3, 3)}})
    {'percent': {'is_a_fraction': '50'}}
    """
    return {
        name: {check: verdict.message for check, verdict in found.items() if not verdict.passed}
        for name, found in verdicts.items()
    }


def main(
    labs: Sequence[str] = (), jobs: int = 2, console: Console | None = None, keep: bool = False
) -> int:
    """Print the kill matrix, and what changed since it was stored; return the exit status.

    Parameters
    ----------
    labs : sequence of str
        Names of labs; all of them by default.
    jobs : int
        As in :func:`run_answers`.
    console : Console, optional
        Where to print.
    keep : bool
        Store the verdicts, in the place of those before. A change alone is no failure.
    """
    console = console or Console()
    known = {path.stem: path for path in LABS}
    unknown = [lab for lab in labs if lab not in known]
    if unknown or not known:
        console.print(f"no lab {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
        return 2
    wrong = 0
    for lab in labs or known:
        try:
            answers, mapped = collect(lab), promises.read(lab)
            source = nbformat.read(known[lab], as_version=4)
            with console.status(f"{lab}: running {len(answers)} answers"):
                verdicts = run_answers(source, answers, jobs)
        except (AnswerError, promises.PromiseError) as error:
            console.print(f"error: {error}", style="red", markup=False)
            wrong += 1
            continue
        show(lab, answers, verdicts, console)
        found = problems(answers, verdicts)
        found += promises.problems(source, answers, mapped) if mapped else []
        for sentence in found:
            console.print(sentence, style="red", markup=False, highlight=False)
        wrong += len(found)
        for sentence in changes(read(lab), failures(verdicts)):
            console.print(f"changed: {sentence}", markup=False, highlight=False, soft_wrap=True)
        if keep:
            save(lab, failures(verdicts))
        console.print()
    return 1 if wrong else 0


def _solutions(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    for cell in notebook.cells:
        if is_solution(cell):
            yield cell.metadata.nbgrader["grade_id"], cell


def _is_check(cell: NotebookNode) -> bool:
    return is_grade(cell) and not is_solution(cell)


def _mark(passed: bool, should_fail: bool) -> str:
    return ("[red]O" if should_fail else ".") if passed else ("x" if should_fail else "[red]X")


def _verdict(cell: NotebookNode, outcome: Mapping[str, str | None]) -> Verdict:
    """Apply nbgrader's rule to what a check left behind."""
    outputs = []
    if outcome["result"] is not None:
        data = {"text/plain": outcome["result"]}
        outputs.append(nbformat.v4.new_output("execute_result", data=data))
    if outcome["error"] is not None:
        outputs.append(nbformat.v4.new_output("error", ename="", evalue="", traceback=[]))
    seen = nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata, outputs=outputs)
    score, max_score = determine_grade(seen)
    message = outcome["error"] or scored(score, max_score)
    return Verdict(score, max_score, "" if score == max_score else message.strip())


def _replay(task: Mapping[str, object]) -> dict[str, dict[str, dict[str, str | None]]]:
    environment = {
        **os.environ,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    finished = subprocess.run(
        [sys.executable, "-m", "autograders.course.answers.replay"],
        input=json.dumps(task),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"the lab could not be run:\n{finished.stderr[-2000:]}")
    lines = map(json.loads, finished.stdout.splitlines())
    return {line["answer"]: line["outcomes"] for line in lines}
