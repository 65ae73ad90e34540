"""Runs parts of a checkpoint on versions of the labs' functions, in a process of their own.

A version is Python that is executed in the module of a lab, after which the functions that it
defines are the module's. What the module had is put back afterwards.
"""

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys

import pytest

from autograders.course import ROOT
from tinytorch.optimization import compression


class Failures:
    """A plug-in that remembers what failed, and which idea that was said to be."""

    def __init__(self):
        self.tests, self.advice = [], []

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.tests.append(report.nodeid.split("::", 1)[1])
            self.advice += [text for name, text in report.sections if name == "the idea"]


def outcomes_of(checkpoint, tasks):
    """Return what a checkpoint says of each version.

    Parameters
    ----------
    checkpoint : Path
    tasks : dict
        By any key: the lab's module, the version, and which tests of the checkpoint to run, as
        pytest's ``-k`` has it.

    Returns
    -------
    dict
        By the same keys: ``status``, the ``tests`` that failed and the ``advice``.
    """
    environment = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST")}
    finished = subprocess.run(
        [sys.executable, "-m", "autograders.tests.checkpoint_runs", str(checkpoint)],
        input=json.dumps(list(tasks.values())),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return dict(zip(tasks, json.loads(finished.stdout.splitlines()[-1]), strict=True))


def run(checkpoint, part):
    """Run the tests of a checkpoint named so, up to the first that fails."""
    failures = Failures()
    # Collecting garbage before and after, as that plug-in does, takes longer than the tests.
    options = ["-xq", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main([*options, checkpoint, "-k", part], [failures])
    return {"status": int(status), "tests": failures.tests, "advice": failures.advice}


def run_versions(checkpoint, tasks):
    """Put each version of a module's functions in its place, and run a part of the checkpoint."""
    outcomes = []
    for module, code, part in tasks:
        home = vars(importlib.import_module(f"{compression.__name__}.{module}"))
        reference = dict(home)
        exec(code, home)
        outcomes.append(run(checkpoint, part))
        home.clear()
        home.update(reference)
    return outcomes


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(run_versions(sys.argv[1], json.load(sys.stdin))))
