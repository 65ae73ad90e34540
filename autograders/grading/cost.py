"""``python -m autograders.grading.cost``: the cost of grading here, beside stock nbgrader.

It is run in a course's folder. Each lab's reference is executed by nbgrader's own ``Execute`` and
by ours, in a kernel that is started and in one that is forked, by turns, in one run. What counts is
the ratio of the seconds of CPU, of the kernel and of what runs it: they depend less on what else
the machine does. A benchmark, and no test.
"""

from __future__ import annotations

import argparse
import copy
import os
import resource
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import nbformat
import psutil
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from nbgrader.utils import setenv as environment
from traitlets.config import Config

from autograders import layout
from autograders.configuration import THREADS
from autograders.grading.execute import SandboxedExecute
from autograders.grading.sandbox.watch import inside
from autograders.grading.submission import SubmissionExporter


class Measured(SandboxedExecute):
    """Notes, when all is done, how long the kernel and the judge have computed."""

    def _finished(self) -> None:
        processes = [self.km.provisioner.process, self.judge.process]
        self.kernel_seconds = sum(map(_in_sandbox, processes))


def _in_sandbox(process: Any) -> float:
    """Return the seconds of CPU of all that runs in a sandbox, and of what has ended there."""
    return sum(map(_seconds, inside(process.pid)))


def _seconds(pid: int) -> float:
    try:
        return sum(psutil.Process(pid).cpu_times()[:4])
    except psutil.NoSuchProcess:
        return 0  # it has ended meanwhile: its parent counts it from now on


def seconds(executor: Execute, notebook: NotebookNode, lab: Path) -> float:
    """Return how long a notebook takes to compute, and make sure that it was worth all points."""
    work = copy.deepcopy(notebook)
    about: dict[str, Any] = {
        "student": "nobody",
        "assignment": lab.parent.name,
        "notebook": lab.stem,
    }
    with tempfile.TemporaryDirectory() as folder, environment(NBGRADER_EXECUTION="autograde"):
        start, children = process_time(), _of_children()
        executor.preprocess(work, {"metadata": {"path": folder}, "nbgrader": about})
        taken = process_time() - start
        taken += getattr(executor, "kernel_seconds", _of_children() - children)
    bad = [
        cell.metadata.nbgrader["grade_id"]
        for cell in work.cells
        if is_grade(cell) and any(o.output_type == "error" for o in cell.get("outputs", []))
    ]
    if bad:
        raise RuntimeError(f"{lab.stem}: {type(executor).__name__} failed {', '.join(bad)}")
    return taken


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _with(config: Config, more: dict[str, Any]) -> Config:
    merged = copy.deepcopy(config)
    merged.merge(Config(more))
    return merged


def main() -> None:
    """Print the times and their ratio, lab by lab."""
    parser = argparse.ArgumentParser(prog="python -m autograders.grading.cost", description=__doc__)
    parser.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default: 3)")
    options = parser.parse_args()
    for threads in THREADS:
        os.environ.setdefault(threads, "1")  # as nbgrader_config.py does
    course = layout.course()
    labs = [lab for name in layout.assignments(course) for lab in layout.notebooks(course, name)]
    exporter = SubmissionExporter(parent=Autograde(coursedir=course))
    settings = {"parent": exporter, "timeout": 300, "shutdown_kernel": "immediate"}
    ways = [
        Execute(timeout=300),
        *(
            Measured(config=_with(course.config, {"Sandbox": {"warm": warm}}), **settings)
            for warm in (False, True)
        ),
    ]
    if unknown := sorted({*options.labs} - {lab.stem for lab in labs}):
        known = ", ".join(lab.stem for lab in labs)
        parser.error(f"no lab is called {', '.join(unknown)}: there are {known}")
    for lab in [path for path in labs if path.stem in options.labs or not options.labs]:
        notebook = nbformat.read(lab, as_version=4)
        seconds(ways[-1], notebook, lab)  # what the first submission of a class takes longer
        rows = [[seconds(way, notebook, lab) for way in ways] for _ in range(options.runs)]
        stock, started, forked = (median(column) for column in zip(*rows, strict=True))
        print(
            f"{lab.stem:22} stock {stock:6.2f} s   started {started:6.2f} s   "
            f"forked {forked:6.2f} s   {stock / forked:.2f} times as many",
            flush=True,
        )


if __name__ == "__main__":
    main()
