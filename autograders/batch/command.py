"""``python -m autograders grade ASSIGNMENT`` and ``feedback ASSIGNMENT``: nbgrader's, for a class.

The settings are those of ``nbgrader autograde`` and ``nbgrader generate_feedback``, read by
nbgrader's own applications from ``nbgrader_config.py``; so are the meanings of ``--force``,
``--student`` and ``--notebook``. It leans on :mod:`autograders.batch.run`.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from nbgrader.apps import AutogradeApp, GenerateFeedbackApp, NbGrader
from nbgrader.converters import NbGraderException
from rich.console import Console
from sqlalchemy.exc import SAWarning

from autograders.batch.gradebook import KeptGradebook
from autograders.batch.outcome import BatchError, Status, Stop, as_json
from autograders.batch.pool import LocalWorkers, Workers
from autograders.batch.run import Run
from autograders.batch.screen import Screen
from autograders.batch.stages import Feedback, Grading, Stages
from autograders.grading import settings
from autograders.grading.settings import is_stock, why_closed

STOCK = (
    "This course uses nbgrader as it is: students' code runs with your rights, beside its checks. "
    "Two lines in nbgrader_config.py change that; see autograders/README.md."
)
STEPS: dict[str, tuple[type[NbGrader], type[Stages]]] = {
    "grade": (AutogradeApp, Grading),
    "feedback": (GenerateFeedbackApp, Feedback),
}


def main(step: str, options: argparse.Namespace) -> int:
    """Run a step for a class; return the exit status.

    0: everything is done. 1: something could not be done, or the run could not go on. 130, 143:
    stopped by Ctrl-C or a signal. What is done stays done in any case.
    """
    console = Console(stderr=options.json)
    began = perf_counter()
    screen = Screen(console, step)
    try:
        stages = load(
            step,
            options.assignment,
            options.student,
            options.notebook,
            options.force,
            tell=screen.trouble,
        )
        stop = Run(stages, _workers(options, screen), screen).run()
    except (NbGraderException, BatchError) as error:
        screen.progress.stop()
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    screen.end(stop)
    if options.json:
        outcomes = as_json(step, options.assignment, screen.outcomes, perf_counter() - began, stop)
        json.dump(outcomes, sys.stdout, indent=1)
        print()
    return _status(screen, stop)


def _status(screen: Screen, stop: Stop | None) -> int:
    if stop:
        return stop.status
    return 1 if any(one.status is Status.FAILED for one in screen.outcomes) else 0


def load(
    step: str,
    assignment: str,
    student: str | None = None,
    notebook: str | None = None,
    force: bool = False,
    patience: float = 60,
    tell: Callable[[str], None] = lambda said: None,
) -> Stages:
    """Return a step's stages, set up as nbgrader's own command would set up its converter.

    Parameters
    ----------
    step : str
        A key of `STEPS`.
    assignment, student, notebook, force : str, str, str, bool
        What nbgrader's command would be given.
    patience, tell : float, callable
        As in :class:`~autograders.batch.gradebook.KeptGradebook`.

    Raises
    ------
    BatchError
        If the course's settings are not in force.
    """
    app_class, stages_class = STEPS[step]
    arguments = [assignment]
    arguments += [f"--student={student}"] if student else []
    arguments += [f"--notebook={notebook}"] if notebook else []
    arguments += ["--force"] if force else []
    app = app_class()
    app.initialize(arguments)
    if is_stock(app.config):
        try:
            settings.load(Path.cwd())  # nbgrader would go on without what cannot be read
        except settings.SettingsError as error:
            raise BatchError(str(error)) from error
        tell(STOCK)
    elif reason := why_closed(app.config):
        raise BatchError(reason)
    _quiet(app.log)
    app.coursedir.assignment_id = assignment
    gradebook = KeptGradebook(app.coursedir.db_url, patience, tell)
    return stages_class(gradebook=gradebook, coursedir=app.coursedir, parent=app)


def _workers(options: argparse.Namespace, screen: Screen) -> Workers:
    if options.scheduler:
        try:
            from autograders.batch.cluster import ClusterWorkers
        except ModuleNotFoundError as error:
            raise BatchError(
                f"--scheduler needs Dask ({error}): pip install -c constraints.txt -e '.[cluster]'"
            ) from None
        return ClusterWorkers(options.scheduler, screen.trouble)
    count = options.workers or len(os.sched_getaffinity(0))
    return LocalWorkers(count, tell=screen.trouble)


def _quiet(log: logging.Logger) -> None:
    """Leave the terminal to the progress bar; a log file that is configured is written on."""
    for handler in list(log.handlers):
        if type(handler) is logging.StreamHandler:
            log.removeHandler(handler)
    log.propagate = False
    log.addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", category=SAWarning)  # of how nbgrader makes its rows
