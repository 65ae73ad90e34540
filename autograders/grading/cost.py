"""``python -m autograders.grading.cost``: the cost of sandbox and proof, beside stock nbgrader.

Each lab's reference is executed by nbgrader's own ``Execute`` and by ours, by turns, in one run;
what counts is the ratio. A benchmark, and no test: times depend on the machine and its load.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from nbgrader.utils import setenv as environment

from autograders.answers.runner import LABS, ROOT
from autograders.grading.execute import SandboxedExecute
from autograders.grading.submission import SubmissionExporter


def seconds(executor: Execute, notebook: NotebookNode, lab: Path) -> float:
    """Return how long a notebook takes, and make sure that it was worth all points."""
    work = copy.deepcopy(notebook)
    about = {"student": "nobody", "assignment": lab.parent.name, "notebook": lab.stem}
    with tempfile.TemporaryDirectory() as folder, environment(NBGRADER_EXECUTION="autograde"):
        start = perf_counter()
        executor.preprocess(work, {"metadata": {"path": folder}, "nbgrader": about})
        taken = perf_counter() - start
    bad = [
        cell.metadata.nbgrader["grade_id"]
        for cell in work.cells
        if is_grade(cell) and any(o.output_type == "error" for o in cell.get("outputs", []))
    ]
    if bad:
        raise RuntimeError(f"{lab.stem}: {type(executor).__name__} failed {', '.join(bad)}")
    return taken


def main() -> None:
    """Print the times and their ratio, lab by lab."""
    parser = argparse.ArgumentParser(prog="python -m autograders.grading.cost", description=__doc__)
    parser.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default: 3)")
    options = parser.parse_args()
    courses = CourseDirectory(root=str(ROOT), source_directory="modules")
    exporter = SubmissionExporter(parent=Autograde(coursedir=courses))
    ours = SandboxedExecute(parent=exporter, timeout=300, shutdown_kernel="immediate")
    stock = Execute(timeout=300)
    for lab in [path for path in LABS if path.stem in options.labs or not options.labs]:
        notebook = nbformat.read(lab, as_version=4)
        pairs = [
            (seconds(stock, notebook, lab), seconds(ours, notebook, lab))
            for _ in range(options.runs)
        ]
        old, new = (median(column) for column in zip(*pairs, strict=True))
        print(f"{lab.stem:22} stock {old:6.2f} s   here {new:6.2f} s   {new / old:.2f}", flush=True)


if __name__ == "__main__":
    main()
