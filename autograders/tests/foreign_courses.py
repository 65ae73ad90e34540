"""Small courses in the manner of other people's, from the text files in ``foreign/``.

A file is a lab: a sentence, then cells. ``%% locked`` begins a cell of the course's own, ``%%
answer NAME`` one with the reference solution, ``%% check NAME POINTS`` a check, ``%% words NAME
POINTS`` an answer in words, ``%% task NAME POINTS`` a task, ``%%`` alone a cell of nobody's. What a
student who is mistaken, or hostile, has in place of an answer is ``%% mistaken NAME`` or ``%%
hostile NAME``. Lines with ``%% kernel NAME`` say whose language it is.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import find_kernel_specs
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution

from autograders.tests.conftest import cell

HERE = Path(__file__).parent / "foreign"
FILES = HERE / "files"
NAMES = sorted(path.stem for path in HERE.glob("*.txt"))
NEEDS_R = pytest.mark.skipif(
    "ir" not in find_kernel_specs(),
    reason="R is not installed: apt-get install r-cran-irkernel r-cran-testthat",
)
STUDENTS = ("reference", "empty", "mistaken", "hostile")
_CELL = re.compile(r"^%%(?: (\w+))?(?: (\w+))?(?: ([\d.]+))?$", re.MULTILINE)
_KERNELS = {"python3": "python", "bash": "bash", "ir": "R"}
_STUBS = {
    "python": "# Your code here.\nraise NotImplementedError()",
    "bash": "false",
    "R": "fail()",
}


class Course:
    """One lab.

    Parameters
    ----------
    name : str
        Of its file.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        _, *pieces = _CELL.split((HERE / f"{name}.txt").read_text())
        self.kernel = "python3"
        self.cells = []
        self.answers: dict[str, dict[str, str]] = {"mistaken": {}, "hostile": {}}
        for kind, label, points, text in zip(*[iter(pieces)] * 4, strict=True):
            if kind == "kernel":
                self.kernel = label
            elif kind in self.answers:
                self.answers[kind][label] = text.strip("\n")
            else:
                label = label or f"cell{len(self.cells)}"
                self.cells.append(_cell(kind, label, points, text.strip("\n")))
                self.cells[-1]["id"] = f"{name}-{label}"

    def source(self) -> nbformat.NotebookNode:
        """Return the lab as its instructor keeps it."""
        about = {"name": self.kernel, "display_name": self.kernel}
        about["language"] = _KERNELS[self.kernel]
        cells = nbformat.from_dict(self.cells)
        return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": about})

    def submission(self, student: str) -> nbformat.NotebookNode:
        """Return what a student hands in, with the checks as they are graded."""
        lab = self.source()
        if student == "empty":
            ClearSolutions(code_stub=_STUBS).preprocess(lab, {})
        for made in lab.cells:
            own = self.answers.get(student, {})
            name = made.metadata.get("nbgrader", {}).get("grade_id")
            if is_solution(made) and name in own:
                made.source = own[name]
        return lab

    def marks(self) -> tuple[pytest.MarkDecorator, ...]:
        """Return what a test of the course needs that pip does not install."""
        return (NEEDS_R,) if self.kernel == "ir" else ()

    def students(self) -> list[str]:
        """Return who hands in."""
        return [s for s in STUDENTS if s in ("reference", "empty") or self.answers[s]]


def _cell(kind: str, label: str, points: str, source: str) -> nbformat.NotebookNode:
    if kind is None:
        return cell(source)
    worth = float(points) if points else None
    made = cell(
        source,
        label,
        kind="markdown" if kind in ("words", "task") else "code",
        points=worth,
        solution=kind in ("answer", "words"),
    )
    if kind == "task":
        made.metadata["nbgrader"] |= {"task": True, "grade": False}
    return made
