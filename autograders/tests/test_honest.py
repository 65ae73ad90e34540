"""Honest work that looks odd: what students leave in their notebooks costs no points."""

import re
from pathlib import Path

import nbformat
import pytest

from autograders.tests.conftest import cell
from autograders.tests.hostile_class import MAX, RIGHT, Submission, make_course, run, scores, work

_, *SECTIONS = re.split(
    r"^# %% (\w+)$\n",
    Path(__file__).with_name("honest_cells.txt").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)
CELLS = dict(zip(SECTIONS[::2], SECTIONS[1::2], strict=True))
# Cells that are expected to end in an error, and in which.
FAIL = {"pandas_missing": "ModuleNotFoundError"}
PATIENT = "\nc.Execute.timeout = 120\nc.SandboxedExecute.notebook_timeout = 600\n"
# Answers that are right in an odd way.
ODD = {
    "an_object_that_is_called": {
        "double": "class Double:\n    def __call__(self, array):\n        return 2 * array\n\n"
        "    def __eq__(self, other):\n        return isinstance(other, Double)\n\n\n"
        "double = Double()"
    },
    "method_called_by_name": {"double": "def double(array):\n    return array.__mul__(2)"},
    "number_of_numpys": {"total": "def total(array):\n    return np.float64(array.sum())"},
    "array_without_dimensions": {"total": "def total(array):\n    return np.asarray(array.sum())"},
    "names_of_python_reused": {
        "double": "sum = max = abs = round = len = None\n\n\n"
        "def double(array):\n    return 2 * array",
        "total": "def total(array):\n    sum = 0.0\n    for abs in array:\n        sum += abs\n"
        "    return sum",
    },
    "own_name_for_numpy": {
        "total": "import numpy as xp\n\n\ndef total(array):\n    return xp.sum(array)"
    },
    "raises_and_recovers": {
        "double": "def double(array):\n    try:\n        return array.nothing\n"
        "    except AttributeError:\n        return array + array"
    },
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a course in which a student has every cell, and others one odd answer each."""
    root = tmp_path_factory.mktemp("honest") / "course"
    full = work(RIGHT)
    full.cells[3:4] = [cell(source.strip()) for source in CELLS.values()]
    submissions = [Submission("everything", "", MAX, nbformat.writes(full), {})]
    for name, answers in ODD.items():
        odd = work({**RIGHT, **answers})
        submissions.append(Submission(name, "", MAX, nbformat.writes(odd), {}))
    make_course(root, submissions)
    with (root / "nbgrader_config.py").open("a") as settings:
        settings.write(PATIENT)
    assert run(root, "generate_assignment", "tiny").returncode == 0
    finished = run(root, "autograde", "tiny")
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert "to look at" not in finished.stdout, finished.stdout
    return root


@pytest.mark.parametrize("name", ["everything", *ODD])
def test_odd_work_gets_all_points_and_no_flag(name, graded):
    assert scores(graded)[name] == {
        "doubles_each_entry": (2.0, False),
        "adds_everything": (3.0, False),
    }


def test_cells_do_while_graded_what_they_do_otherwise(graded):
    path = graded / "autograded" / "everything" / "tiny" / "01_tiny.ipynb"
    sources = {source.strip(): name for name, source in CELLS.items()}
    failed = {
        sources.get(made.source, made.source): output.ename
        for made in nbformat.read(path, as_version=4).cells
        for output in made.get("outputs", [])
        if output.output_type == "error"
    }
    assert failed == FAIL


def test_sixty_are_enough():
    assert len(CELLS) + len(ODD) >= 60
