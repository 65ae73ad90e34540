"""A lab of a few cells that has one of everything: what the grading tests grade."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import nbformat
import pytest

from autograders.course import ROOT
from autograders.grading import settings
from autograders.tests.kernels import in_user_namespace


def cell(source, grade_id=None, kind="code", points=None, solution=False):
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    made = new(source)
    if grade_id:
        made.metadata["nbgrader"] = {
            "grade": points is not None,
            "grade_id": grade_id,
            "locked": not solution,
            "schema_version": 3,
            "solution": solution,
            "task": False,
        }
        if points is not None:
            made.metadata["nbgrader"]["points"] = points
    return made


def toy_notebook():
    cells = [
        cell("# Zeros\n\nWhat share of an array is zero?", kind="markdown"),
        cell("import numpy as np\n\ndata = np.array([0.0, 1.0, 0.0, 2.0])"),
        cell(
            "def measure(array):\n"
            "    ### BEGIN SOLUTION\n"
            "    secret_sauce = array == 0\n"
            "    return secret_sauce.mean()\n"
            "    ### END SOLUTION",
            "measure",
            solution=True,
        ),
        cell("measure(data)"),
        cell(
            'assert 0 <= measure(data) <= 1, "a fraction, not a percentage"',
            "is_a_fraction",
            points=2,
        ),
        cell(
            "assert measure(np.ones(3)) == 0\n"
            "### BEGIN HIDDEN TESTS\n"
            "unguessable = np.array([[0.0, -1.0, 3.0]])\n"
            'assert np.isclose(measure(unguessable), 1 / 3), "negative numbers are not zero"\n'
            "### END HIDDEN TESTS",
            "counts_zeros_only",
            points=3,
        ),
        cell("raise RuntimeError('a demo that is slow, and graded nowhere')"),
        cell(
            "def report(array):\n"
            "    ### BEGIN SOLUTION\n"
            '    return f"{measure(array):.0%} zero"\n'
            "    ### END SOLUTION",
            "report",
            solution=True,
        ),
        cell('assert report(data) == "50% zero", report(data)', "reports_a_percentage", points=1),
        cell(
            "### BEGIN SOLUTION\nZero is exact; small is not.\n\n<details><summary>Scoring guide"
            "</summary>\n\n- 4 points: says that zero is exact\n</details>\n### END SOLUTION",
            "why_exact_zero",
            kind="markdown",
            points=4,
            solution=True,
        ),
    ]
    cells[6].metadata["tags"] = ["demo"]
    for number, made in enumerate(cells):
        made["id"] = f"toy-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def toy_lab():
    return toy_notebook()


@pytest.fixture(scope="session", autouse=True)
def programs():
    """Have programs be found, and take one thread each, however pytest was started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            patch.setenv(name, os.environ.get(name, "1"))  # as nbgrader_config.py does
        yield


@pytest.fixture(autouse=True)
def surroundings():
    """Hold that a test ends in the folder and the environment it began in: later ones need them.

    And without a hook on what Python does, which nobody could take back.
    """
    before = os.getcwd(), dict(os.environ)
    hooks = patch.object(sys, "addaudithook", wraps=sys.addaudithook)
    with patch.dict(os.environ), hooks as hooked:
        yield
        after = os.getcwd(), dict(os.environ)
    for _, environment in (before, after):
        environment.pop("PYTEST_CURRENT_TEST", None)
    assert after == before
    hooked.assert_not_called()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course in a temporary folder: the toy lab twice, and the repository's settings."""
    source = tmp_path / "modules" / "toy"
    source.mkdir(parents=True)
    for name in ("01_toy", "02_toy"):
        nbformat.write(toy_notebook(), source / f"{name}.ipynb")
    settings.copy(ROOT, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nbgrader(course):
    """Return a function that runs nbgrader in the course, as a user would."""

    def nbgrader(*arguments):
        finished = subprocess.run(
            ["nbgrader", *arguments], cwd=course, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stderr

    return nbgrader


@pytest.fixture
def work(tmp_path):
    """Return a folder with what a student handed in."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "notes.txt").write_text("mine")
    return work


@pytest.fixture
def one_thread(monkeypatch):
    """Give kernels one BLAS thread, as `nbgrader_config.py` does."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(params=["as who grades is", "in a user namespace"])
def way(request, monkeypatch):
    """Make sandboxes as for this user, and then as for an ordinary one."""
    if request.param == "in a user namespace":
        in_user_namespace(monkeypatch)
