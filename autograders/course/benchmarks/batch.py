"""A class graded by stock nbgrader and as a batch: `python -m autograders.course.benchmarks.batch`.

Both grade on this machine, by turns in one run; what counts is the ratio of the medians, for times
depend on the machine and its load. Stock nbgrader takes as long for each submission of a small
class as of a large one, so it gets the first few of them alone. ``--really 200`` grades a class of
that size and watches the coordinator. ``--loops 10`` grades a class in which the answers of every
tenth student never end, beside the same class without them. A benchmark, and no test.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
import psutil
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from autograders.batch.screen import duration
from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in, solutions
from autograders.course.misconceptions import collect
from autograders.grading import settings
from autograders.grading.sandbox.memory import MEGABYTE
from tinytorch.assignment import choose, names

FEW = 8  # submissions for stock nbgrader
STUB = "while True:\n    pass"  # the answer of somebody whose answers never end
STOCK = (
    'c = get_config()\nc.CourseDirectory.source_directory = "modules"\nc.Execute.timeout = 300\n'
)


def make_course(
    root: Path,
    labs: Sequence[Path],
    students: int,
    stock: bool,
    loops: int = 0,
    answers: int | None = None,
) -> None:
    """Lay out a course with a class of the reference and, every second student, a known mistake.

    The labs are those of one assignment. Of every so many students, as `loops` says, one has so
    many `answers` that never end, all of them by default.
    """
    assignment = labs[0].parent.name
    source = root / "modules" / assignment
    source.mkdir(parents=True)
    for lab in labs:
        shutil.copy(lab, source)
    if stock:
        (root / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    else:
        settings.copy(ROOT, root)
    run(root, "nbgrader", "generate_assignment", assignment)
    for lab in labs:
        released = nbformat.read(root / "release" / assignment / lab.name, as_version=4)
        reference = nbformat.read(lab, as_version=4)
        wrong = [answer.cells for answer in collect(lab.stem) if not answer.right]
        for number in range(students):
            replacing = wrong[number % len(wrong)] if number % 2 and wrong else None
            if loops and number % loops == loops - 1:
                replacing = dict(list(endless(reference).items())[:answers])
            folder = root / "submitted" / f"s{number:04}" / assignment
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(fill_in(released, reference, replacing), folder / lab.name)


def endless(lab: NotebookNode) -> dict[str, str]:
    """Return answers that never end."""
    clear = ClearSolutions(code_stub={"python": STUB}, enforce_metadata=False)
    return solutions(clear.preprocess(copy.deepcopy(lab), {})[0])


def run(root: Path, program: str, *arguments: str) -> str:
    """Run a command in a course; return what it printed."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    finished = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(
            f"{' '.join(arguments)} ended with {finished.returncode}: "
            f"{(finished.stderr or finished.stdout)[-2000:]}"
        )
    return finished.stdout


def ungrade(root: Path) -> None:
    """Forget the grades."""
    shutil.rmtree(root / "autograded", ignore_errors=True)


def batch(root: Path, workers: int | None) -> dict[str, Any]:
    """Grade a class; return what ``--json`` tells."""
    more = [f"--workers={workers}"] if workers else []
    told = run(root, "python", "-m", "autograders", "grade", choose(root, None), "--json", *more)
    return json.loads(told)


def compare(folder: Path, labs: Sequence[Path], options: argparse.Namespace) -> None:
    """Print both ways' medians of seconds for a submission, and their ratio."""
    stock, ours = folder / "stock", folder / "ours"
    students = {stock: min(FEW, options.students), ours: options.students}
    for root, count in students.items():
        make_course(root, labs, count, stock=root == stock)
    taken: dict[Path, list[float]] = {stock: [], ours: []}
    coordinator: list[float] = []
    for _ in range(options.runs):
        for root, seconds in taken.items():
            ungrade(root)
            start = time.perf_counter()
            if root == stock:
                run(root, "nbgrader", "autograde", choose(root, None))
            else:
                told = batch(root, options.workers)
                coordinator += [_coordinator(one) for one in told["submissions"]]
            seconds.append((time.perf_counter() - start) / students[root])
    old, new = median(taken[stock]), median(taken[ours])
    print(f"{len(labs)} labs, {options.students} submissions, medians of {options.runs} runs:")
    print(f"  stock nbgrader  {old:7.2f} s a submission, of {students[stock]}")
    print(f"  batch           {new:7.2f} s a submission: {old / new:.2f} times as fast")
    print(f"  coordinator     {1000 * median(coordinator):7.0f} ms a submission")
    print(f"  1000 submissions: {duration(1000 * old)} stock, {duration(1000 * new)} as a batch")


def _coordinator(one: dict[str, Any]) -> float:
    return one["seconds"]["sanitise"] + one["seconds"]["save"]


def really(folder: Path, labs: Sequence[Path], options: argparse.Namespace) -> None:
    """Grade a whole class; print the rate and what the coordinator's memory did meanwhile."""
    root = folder / "class"
    make_course(root, labs, options.really, stock=False)
    command = [sys.executable, "-m", "autograders", "grade", choose(root, None), "--json"]
    command += [f"--workers={options.workers}"] if options.workers else []
    out = folder / "told.json"
    start, sizes = time.perf_counter(), []
    with out.open("w") as told, open(os.devnull, "w") as nowhere:
        child = subprocess.Popen(command, cwd=root, stdout=told, stderr=nowhere)
        process = psutil.Process(child.pid)
        while child.poll() is None:
            sizes.append(process.memory_info().rss / MEGABYTE)
            time.sleep(1)
    seconds = time.perf_counter() - start
    found = json.loads(out.read_text(encoding="utf-8"))
    at = [sizes[int(share * (len(sizes) - 1))] for share in (0.1, 0.25, 0.5, 0.75, 0.98)]
    cost = median(_coordinator(one) for one in found["submissions"])
    print(f"{options.really} submissions of {len(labs)} labs really graded in {duration(seconds)}:")
    print(f"  {found['counts']}, exit status {child.returncode}")
    print(f"  {seconds / options.really:.2f} s a submission, coordinator {1000 * cost:.0f} ms")
    print(f"  coordinator's memory on the way: {', '.join(f'{size:.0f}' for size in at)} MB")


def with_loops(folder: Path, labs: Sequence[Path], options: argparse.Namespace) -> None:
    """Print how much longer a class takes in which the answers of some never end."""
    classes = {name: folder / name for name in ("honest", "one answer", "all answers")}
    for name, answers in zip(classes, (0, 1, None), strict=True):
        make_course(classes[name], labs, options.students, False, options.loops, answers)
    ways = {
        "batch": lambda root: batch(root, options.workers),
        "nbgrader autograde": lambda root: run(root, "nbgrader", "autograde", choose(root, None)),
    }
    print(f"{len(labs)} labs, {options.students} submissions, medians of {options.runs} runs;")
    print(f"one answer, or all, of every {options.loops}th student never end:")
    for name, way in ways.items():
        taken: dict[Path, list[float]] = {root: [] for root in classes.values()}
        for _ in range(options.runs):
            for root, seconds in taken.items():
                ungrade(root)
                start = time.perf_counter()
                way(root)
                seconds.append(time.perf_counter() - start)
        plain, one, every = (median(seconds) for seconds in taken.values())
        print(f"  {name:20} {plain:6.1f} s; one {one / plain:.2f}, all {every / plain:.2f} times")


def main() -> None:
    """Print the comparison, or the class that was really graded."""
    parser = argparse.ArgumentParser(prog="python -m autograders.course.benchmarks.batch")
    parser.add_argument("labs", nargs="*", metavar="LAB", help="as in 01_sparsity (default: all)")
    parser.add_argument("--assignment", help="whose labs; not needed with labs, or if it is alone")
    parser.add_argument("--students", type=int, default=24, help="submissions (default: 24)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default: 3)")
    parser.add_argument("--workers", type=int, help="as of grade")
    parser.add_argument("--really", type=int, metavar="N", help="grade a class of this size")
    parser.add_argument("--loops", type=int, metavar="N", help="let every Nth student's never end")
    options = parser.parse_args()
    measure = really if options.really else with_loops if options.loops else compare
    labs = [lab for lab in LABS if lab.stem in options.labs or not options.labs]
    labs = [lab for lab in labs if lab.parent.name == options.assignment or not options.assignment]
    if len({lab.parent for lab in labs}) != 1:
        parser.error(f"say which assignment: --assignment {' or '.join(names(ROOT))}")
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), labs, options)


if __name__ == "__main__":
    main()
