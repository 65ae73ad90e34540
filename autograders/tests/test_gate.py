"""What the reading of submissions lets pass, and what it names."""

import builtins

import nbformat
import pytest
from nbgrader.utils import is_locked

from autograders.answers.runner import LABS
from autograders.grading.gate import findings
from autograders.misconceptions import collect

HONEST = [
    "import os, sys, time, json, random, warnings, traceback\nprint(sys.version, os.getcwd())",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>so</b>'))",
    "%matplotlib inline\n%timeit sum(range(10))\n!ls",
    "%%time\nx = 1",
    "plt.rcParams['figure.figsize'] = (3, 3)\nimport matplotlib.pyplot as plt",
    "class Net:\n    def __init__(self):\n        super().__init__()\n        self.x = 1\n"
    "    def __call__(self, x):\n        return x",
    "model.layers[0].weight = other\nsetattr(layer, name, value)\ngetattr(layer, 'bias', None)",
    "def f(x):\n    sum = 0\n    for abs in x:\n        sum += abs\n    return sum",
    "print(type(model).__name__, model.__class__)",
    "[m for m in model.modules()]",
    "with open('notes.txt', 'w') as file:\n    file.write('x')",
    "this is no Python (",
]


@pytest.mark.parametrize("source", HONEST)
def test_honest_code_passes(source):
    assert list(findings([("answer", source)], ["assert abs(sum([1])) == 1"])) == []


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_every_lab_and_every_known_answer_passes(lab):
    cells = nbformat.read(lab, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    checks = [cell.source for cell in code if is_locked(cell)]
    own = {
        cell.metadata.get("nbgrader", {}).get("grade_id", cell.id): cell.source
        for cell in code
        if not is_locked(cell)
    }
    for replaced in ({}, *(answer.cells for answer in collect(lab.stem))):
        assert list(findings({**own, **replaced}.items(), checks)) == []


def test_a_value_that_this_process_has_shown_is_no_name_of_python(monkeypatch):
    monkeypatch.setattr(builtins, "_", 1, raising=False)
    assert list(findings([("answer", "first, _ = 1, 2")], ["for _ in range(3): pass"])) == []
