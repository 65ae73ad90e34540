"""Run a lab as stock nbgrader does: answer and check in one Python, without a sandbox.

For notebooks of the instructor's own: what somebody else wrote is not run this way. It leans on
nbgrader's ``Execute``; :mod:`autograders.preflight` and the tests lean on it.
"""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade, is_solution

from autograders.grading.folders import files_in
from autograders.grading.notes import WHY, noted

SECONDS = 120  # for a cell
STDERR = "written on standard error"


class _Silent(AsyncKernelManager):
    """Starts a kernel that has nothing to say on the screen."""

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kwargs: Any) -> None:
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        await super()._async_launch_kernel(kernel_cmd, **kwargs)


@dataclass(frozen=True)
class Verdict:
    """What became of a check.

    Attributes
    ----------
    score, most : float
        Its points, and how many there are.
    said : str
        Why there are not all, as nbgrader's rule sees it.
    why : str
        The same in words for a student, if the course's grader has any.
    """

    score: float
    most: float
    said: str = ""
    why: str = ""


def scored(score: float, most: float) -> str:
    """Return what is said of a check that gives part of its points."""
    return f"scored {score:g} of {most:g}"


def run(
    notebook: NotebookNode, lab: Path, more: Mapping[str, str] = MappingProxyType({})
) -> NotebookNode:
    """Return a notebook as stock nbgrader runs it, with its outputs.

    Parameters
    ----------
    notebook : NotebookNode
        What is handed in; it is left as it is.
    lab : Path
        The lab's source: the files beside it are there.
    more : mapping of str to str
        Variables of the environment, as ``c.Sandbox.environment`` has them.
    """
    work = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as folder:
        copy_files(lab.parent, Path(folder))
        with patch.dict(os.environ, _before_ours(more)):
            Execute(timeout=SECONDS, kernel_manager_class=_Silent).preprocess(
                work, {"metadata": {"path": folder}, "nbgrader": {}}
            )
    return work


def _before_ours(more: Mapping[str, str]) -> dict[str, str]:
    """Return variables as the sandbox sets them: what paths name comes before what is there."""
    paths = {name: more[name] for name in ("PATH", "PYTHONPATH") if name in more}
    ours = {name: os.environ.get(name, "") for name in paths}
    return {**more, **{name: f"{paths[name]}{os.pathsep}{ours[name]}" for name in paths}}


def verdicts(notebook: NotebookNode) -> dict[str, Verdict]:
    """Return, by grade id, what nbgrader's rule makes of the outputs of each check."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
            continue
        try:
            score, most = determine_grade(cell)
        except ValueError as error:  # with which nbgrader gives up on a submission
            score, most = 0, float(cell.metadata.nbgrader["points"])
            found[cell.metadata.nbgrader["grade_id"]] = Verdict(0, most, str(error))
            continue
        why = noted(cell, WHY) or ""
        said = failure(cell) or ("" if score == most else scored(score or 0, most))
        found[cell.metadata.nbgrader["grade_id"]] = Verdict(score or 0, most, said, why)
    return found


def copy_files(source: Path, target: Path) -> None:
    """Copy what lies beside a lab, other labs left out."""
    for name, path in files_in(source):
        if path.suffix != ".ipynb":
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)


def failure(cell: NotebookNode) -> str:
    """Return what nbgrader's rule takes a cell's points for; '' if for nothing."""
    for output in reversed(cell.outputs):
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}"
        if output.output_type == "stream" and output.name == "stderr":
            return f"{STDERR}: {output.text}"
    return ""
