"""Run a class in this process or in one that is killed, and compare what came of it.

The tests of :mod:`autograders.batch` lean on it; the course is that of :mod:`.pretend`.
"""

import json
import multiprocessing
import os
import time
from concurrent.futures import Future
from contextlib import chdir
from pathlib import Path
from unittest.mock import patch

from nbgrader.api import Gradebook

from autograders.batch.command import load
from autograders.batch.run import Run
from autograders.batch.worker import work


class Inline:
    """One worker, in this process."""

    count = 1

    def pick(self, labs):
        return 0

    def submit(self, recipe, task):
        done = Future()
        with patch.dict(os.environ):  # a worker has its environment to itself
            try:
                done.set_result(work(recipe, task))
            except Exception as error:
                done.set_exception(error)
        return done

    def full(self):
        return ""

    def close(self, at_once=False):
        pass


class Log:
    """Notes, in the file that :class:`.pretend.Pretend` writes to, who was reported as done."""

    def __init__(self):
        self.outcomes, self.said = [], []

    def start(self, total):
        self.total = total

    def done(self, outcome):
        self.outcomes.append(outcome)
        with open(os.environ["PRETEND_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{outcome.status.value} {outcome.student}\n")

    def trouble(self, sentence):
        self.said.append(sentence)

    def tick(self):
        pass


def grade(root, step="grade", workers=None, **options):
    """Run a step for the class; return what was shown, and why it stopped."""
    show = Log()
    with chdir(root):
        stages = load(step, "tiny", tell=show.trouble, **options)
        return show, Run(stages, workers or Inline(), show).run()


def in_child(function, *arguments):
    """Start a function in a process of its own, with everything imported already."""
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    process.start()
    return process


def wait_for(condition, seconds=120):
    """Wait until something is the case; not for ever, where a process has to bring it about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.02)


def state(root, db_url=None):
    """Return everything that grading leaves behind, in a form that can be compared."""
    found = {}
    with Gradebook(db_url or f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        for one in gradebook.assignment_submissions("tiny"):
            found[one.student.id] = str(one.timestamp)
            for notebook in one.notebooks:
                where = one.student.id, notebook.name
                found[where] = notebook.late_submission_penalty, notebook.score
                for grade in notebook.grades:
                    scores = grade.auto_score, grade.manual_score, grade.needs_manual_grade
                    found[(*where, grade.name)] = scores
                for comment in notebook.comments:
                    said = comment.auto_comment, comment.manual_comment
                    found[(*where, comment.name, "comment")] = said
    for step in ("autograded", "feedback"):
        for path in sorted((root / step).rglob("*")):
            parts = path.relative_to(root).parts
            if path.is_file() and parts[1] != ".grading":
                found[parts] = content(path), path.stat().st_mode
    return found


def content(path):
    """Return what is in a file, but for the ids that cells get anew when they are put back."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        del cell["id"]
    return notebook


def ran(log):
    """Return what the log tells: the labs that were run, in order, and who was done when."""
    lines = Path(log).read_text().splitlines() if Path(log).exists() else []
    return [tuple(line.split()) for line in lines]
