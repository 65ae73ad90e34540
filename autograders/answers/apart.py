"""Have known answers judged as submissions are: the answer in one process, the check in another.

:func:`judged` says what each check makes of an answer. It is slower than
:mod:`autograders.answers.runner`, which runs both in one process, and has to say the same; the
tests hold the one against the other.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_solution
from traitlets.config import Config

from autograders.answers import stock
from autograders.answers.runner import ROOT, is_demo
from autograders.grading.execute import SandboxedExecute
from autograders.grading.submission import SubmissionExporter


def courses(root: Path, config: Config) -> CourseDirectory:
    """Return where a course's folders are."""
    named = {} if "source_directory" in config.CourseDirectory else {"source_directory": "modules"}
    return CourseDirectory(config=config, **{"root": str(root), **named})


@contextmanager
def grading(
    root: Path = ROOT, config: Config | None = None, **settings: Any
) -> Iterator[SandboxedExecute]:
    """Make what executes submissions to the labs of a course; settings as in nbgrader's file."""
    config = Config(config or {})
    config.merge(Config(settings))
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # as nbgrader_config.py does
    before = os.environ.get("NBGRADER_EXECUTION")
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    exporter = SubmissionExporter(parent=Autograde(coursedir=courses(root, config)))
    try:
        yield SandboxedExecute(
            parent=exporter, timeout=120, shutdown_kernel="immediate", config=config
        )
    finally:
        if before is None:
            del os.environ["NBGRADER_EXECUTION"]
        else:
            os.environ["NBGRADER_EXECUTION"] = before


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
    found = stock.verdicts(run(executor, lab, notebook))
    return {name: (v.score == v.most, v.said, v.why) for name, v in found.items()}


def run(executor: SandboxedExecute, lab: Path, notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as it is graded, with its outputs.

    Parameters
    ----------
    executor : SandboxedExecute
        Of :func:`grading`.
    lab : Path
        The lab's source; the files beside it are there.
    notebook : NotebookNode
        What is handed in; it is left as it is.
    """
    about: dict[str, Any] = {
        "student": "nobody",
        "assignment": lab.parent.name,
        "notebook": lab.stem,
    }
    work = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as folder:
        stock.copy_files(lab.parent, Path(folder))
        executor.preprocess(work, {"metadata": {"path": folder}, "nbgrader": about})
    return work
