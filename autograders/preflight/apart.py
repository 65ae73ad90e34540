"""Grade a notebook as submissions are graded: the answer in one process, the check in another.

For notebooks of the instructor's own. It leans on :mod:`autograders.grading`;
:mod:`autograders.preflight` and the tests lean on it.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from autograders.configuration import THREADS
from autograders.grading.execute import SandboxedExecute
from autograders.grading.submission import SubmissionExporter
from autograders.preflight import stock


@contextmanager
def grading(course: CourseDirectory) -> Iterator[SandboxedExecute]:
    """Make what executes submissions to the labs of a course, with its settings.

    Parameters
    ----------
    course : CourseDirectory
        Of :func:`autograders.layout.course`.
    """
    as_configured = {name: os.environ.get(name, "1") for name in THREADS}
    with patch.dict(os.environ, as_configured, NBGRADER_EXECUTION="autograde"):
        exporter = SubmissionExporter(parent=Autograde(coursedir=course))
        yield SandboxedExecute(
            parent=exporter, timeout=120, shutdown_kernel="immediate", config=course.config
        )


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
