"""A tiny course that is graded in milliseconds: no kernel, but everything else as it is.

For tests that grade a class many times over; workers import :class:`Pretend` from here.
"""

import os
import signal
import time
from contextlib import chdir
from pathlib import Path

import nbformat
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.apps import GenerateAssignmentApp

from autograders.course import ROOT
from autograders.grading import settings
from autograders.grading.execute import SandboxedExecute
from autograders.tests.hostile_class import RIGHT, WRONG, lab, work

SETTINGS = """
from autograders.tests.pretend import Pretend

c.Autograde.autograde_preprocessors[0] = Pretend
c.LateSubmissionPlugin.penalty_method = "zero"
"""
LABS = ("01_tiny", "02_tiny")


class Pretend(SandboxedExecute):
    """Says that a check failed where the answer before it is wrong; notes what it was given."""

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        with open(os.environ["PRETEND_LOG"], "a", encoding="utf-8") as log:
            log.write(f"ran {about['student']} {about['notebook']}\n")
        time.sleep(0.01)
        wrong = False
        for cell in nb.cells:
            if "die once" in cell.source and not Path(flag := cell.source.split()[-1]).exists():
                Path(flag).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            if "die always" in cell.source:
                os.kill(os.getpid(), signal.SIGKILL)
            if "take a while" in cell.source:
                time.sleep(30)
            wrong = wrong or cell.source in WRONG.values()
            if cell.metadata.get("nbgrader", {}).get("grade") and wrong:
                cell.outputs.append(new_output("error", ename="E", evalue="", traceback=[]))
        return nb, resources


def make(root, students, db_url=None):
    """Lay out a course with two labs; every third student is wrong, and the first one is late.

    Parameters
    ----------
    students : sequence of str
    db_url : str, optional
        Of the gradebook, where it is not the course's own.
    """
    (root / "modules" / "tiny").mkdir(parents=True)
    for name in LABS:
        nbformat.write(lab(), root / "modules" / "tiny" / f"{name}.ipynb")
    settings.copy(ROOT, root)
    with (root / "nbgrader_config.py").open("a") as more:
        more.write(SETTINGS)
        if db_url:
            more.write(f"c.CourseDirectory.db_url = {db_url!r}\n")
    with Gradebook(db_url or f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        gradebook.add_assignment("tiny", duedate="2026-01-01")
    nbgrader(root, GenerateAssignmentApp, "tiny")
    for number, student in enumerate(students):
        hand_in(root, student, WRONG if number % 3 == 1 else RIGHT, late=number == 0)


def nbgrader(root, app_class, *arguments, level="ERROR"):
    """Run one of nbgrader's commands in this process, which saves the seconds of its imports."""
    app = app_class()
    with chdir(root):
        app.initialize([*arguments, f"--log-level={level}"])
        app.start()


def hand_in(root, student, answers, late=False, labs=LABS, note=None):
    """Write a student's work; a `note` is for :class:`Pretend` to read."""
    folder = root / "submitted" / student / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    for name in labs:
        notebook = work(answers)
        if note:
            notebook.cells[3].source = note
        nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "data.csv").write_text(f"{student}\n")
    day = "2026-01-02" if late else "2025-12-31"
    (folder / "timestamp.txt").write_text(f"{day} 12:00:00 UTC\n")
