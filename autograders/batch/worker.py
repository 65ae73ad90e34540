"""What a worker does: run a notebook through the middle of a converter, far from the gradebook.

A :class:`Task` brings along the part of the course folder that the work reads, so that nothing but
the installed packages has to be there; :func:`work` lays it out in a temporary folder and has
nbgrader's own exporter run the preprocessors that the recipe names. Of the gradebook it has what
:mod:`autograders.batch.released` copies: the lab, and no student.
:mod:`autograders.batch.stages` makes tasks, :mod:`autograders.batch.pool` and Dask run them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograders.batch import released
from autograders.batch.outcome import BatchError
from autograders.grading import limits, summary
from autograders.grading.sandbox import room


@dataclass(frozen=True)
class Recipe:
    """What is the same for every notebook of a run.

    Attributes
    ----------
    converter, exporter : type, type
        Classes of nbgrader, or plugged into it, that do the work.
    passes : tuple of tuple of type
        The preprocessors of each pass through the exporter, in order.
    config : Config
        Their settings; nothing about the gradebook.
    package : str
        As :func:`fingerprint` returns it: a worker with another version would give other grades.
    released : bytes
        As :func:`.released.extract` returns it; nothing where no preprocessor asks for it.
    """

    converter: type[BaseConverter]
    exporter: type
    passes: tuple[tuple[type, ...], ...]
    config: Config
    package: str
    released: bytes = b""


@dataclass(frozen=True)
class Task:
    """One notebook, and what its work reads.

    Attributes
    ----------
    student, assignment, lab : str
        Whose it is.
    path : str
        The notebook's place in the course folder.
    files : mapping of str to bytes
        By place in the course folder: the notebook, and whatever else is read.
    resources : mapping of str to object
        nbgrader's resources, without the gradebook's address.
    measured : mapping
        How long the lab's own answers take on this machine, as :mod:`autograders.grading.limits`
        has it, if somebody has found out.
    """

    student: str
    assignment: str
    lab: str
    path: str
    files: Mapping[str, bytes]
    resources: Mapping[str, Any]
    measured: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What came of a task.

    Attributes
    ----------
    text : str
        The notebook, or the page.
    resources : mapping of str to object
        nbgrader's resources, as the preprocessors left them.
    seconds : float
        How long it took.
    cells : tuple of (str, float)
        The cells that ran, by grade id or number, and the seconds each took.
    notes : tuple of str
        What the worker has to say of itself and of labs, and not of the notebook.
    measured : mapping
        As of :class:`Task`, what this worker has found out.
    """

    text: str
    resources: Mapping[str, Any]
    seconds: float
    cells: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()
    measured: Mapping[str, Any] = field(default_factory=dict)


class WrongPackageError(BatchError):
    """A worker has another version of the course than the coordinator."""


def work(recipe: Recipe, task: Task) -> Done:
    """Run a notebook through the recipe's preprocessors.

    Raises
    ------
    WrongPackageError
        If the course that is installed here is not the one that is being graded.
    """
    start = perf_counter()
    if (found := fingerprint(packages(recipe.config))) != recipe.package:
        raise WrongPackageError(
            f"this worker has another version of the course ({found}) than the coordinator "
            f"({recipe.package}); install the same one on all machines"
        )
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # nothing else runs in a worker
    limits.measured.update(task.measured)
    known = {*limits.measured}
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        for name, content in task.files.items():
            place = Path(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        text, resources = _export(recipe, task, folder)
    seconds = perf_counter() - start
    cells = _timed(text) if task.path.endswith(".ipynb") else ()
    notes = (*room.said.values(), *summary.where(task.lab))
    measured = {lab: times for lab, times in limits.measured.items() if lab not in known}
    return Done(text, _plain(resources), seconds, cells, notes, measured)


def _export(recipe: Recipe, task: Task, folder: str) -> tuple[str, dict[str, Any]]:
    """Pass a notebook through the exporter, as often as the recipe says; a file lies between."""
    course = CourseDirectory(root=folder)
    converter = recipe.converter(coursedir=course, config=recipe.config)
    exporter = recipe.exporter(parent=converter, config=converter.config)
    exporter.optimistic_validation = True  # once, and not after every preprocessor
    place, text = Path(folder, task.path), ""
    for number, preprocessors in enumerate(recipe.passes):
        if number:
            place.parent.mkdir(parents=True, exist_ok=True)  # where no file could be brought
            place.write_text(text, encoding="utf-8")
        about = dict(task.resources["nbgrader"])
        if recipe.released:
            about["db_url"] = released.address(recipe.released)
        if len(recipe.passes) > 1:
            exporter._preprocessors = []  # as nbgrader's Autograde does before each of its halves
        for preprocessor in preprocessors:
            exporter.register_preprocessor(preprocessor)
        text, resources = exporter.from_filename(
            str(place), resources={**task.resources, "nbgrader": about}
        )
    return text, resources


def _plain(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resources that are nbgrader's, or files to write."""
    kept = ("nbgrader", "outputs", "output_extension", "unique_key", "output_files_dir")
    return {name: resources[name] for name in kept if name in resources}


def _timed(text: str) -> tuple[tuple[str, float], ...]:
    try:
        cells = nbformat.reads(text, as_version=4).cells
    except ValueError:
        return ()
    return tuple(
        (cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {number}", seconds)
        for number, cell in enumerate(cells, 1)
        if (seconds := _seconds(cell)) is not None
    )


def _seconds(cell: NotebookNode) -> float | None:
    """Return how long a cell ran, by what nbclient noted."""
    noted = cell.metadata.get("execution", {})
    try:
        begin, end = (
            datetime.fromisoformat(noted[event])
            for event in ("iopub.execute_input", "shell.execute_reply")
        )
        return max(0.0, (end - begin).total_seconds())
    except (KeyError, TypeError, ValueError):  # not run to its end, or the kernel told no time
        return None


def packages(config: Config) -> tuple[str, ...]:
    """Return the course's own packages, which have to be the same on all machines."""
    return tuple(sorted(config.Sandbox.get("packages", {})))


@lru_cache
def fingerprint(packages: tuple[str, ...] = ()) -> str:
    """Return a few letters that are the same wherever this package is, and those, are the same."""
    digest = sha256()
    for package in ("autograders", *packages):
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            digest.update(f"{package} is missing\n".encode())
            continue
        home = Path(spec.origin).parent
        for path in sorted(home.rglob("*.py")):
            if "tests" not in path.relative_to(home).parts:
                digest.update(f"{package}/{path.relative_to(home)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
