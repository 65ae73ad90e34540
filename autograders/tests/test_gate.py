"""What the reading of submissions lets pass, and what it names."""

import nbformat
import pytest
from nbgrader.utils import is_locked

from autograders.answers.runner import LABS
from autograders.grading.gate import findings, written
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
    "%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'retina'",
    "if 'google.colab' in sys.modules:\n    pass\nimport sys",
    "sum = 0\nfor max in range(3): sum += max\nexec = 3\nprint(exec)",
    "import gc, inspect, threading, weakref, unittest, pytest, asyncio, hypothesis",
    "class Point:\n    def __eq__(self, other): return self.x == other.x\n    __lt__ = __eq__",
    "sorted(runs, key=attrgetter('loss.value'))\nfrom operator import attrgetter",
    "import pandas as pd\npd.options.display.width = 3",
    "vars(layer), globals(), locals(), self.__dict__, cls.__mro__, error.__traceback__",
    "import importlib, helpers\nimportlib.reload(helpers)",
    "import numpy as np\nmodules = [np]\nalias = np.testing",
]
REACHING = [
    ("import sys as s\ns.modules['numpy']", "uses `s.modules`"),
    ("from collections import _sys", "imports `_sys` from `collections`"),
    ("import copy\ncopy._deepcopy_dispatch[list] = id", "uses `copy._deepcopy_dispatch`"),
    ("from operator import attrgetter\nattrgetter(name)(np)", "uses `attrgetter`"),
    ("from operator import attrgetter\nattrgetter('__globals__')(f)", "uses `attrgetter`"),
    ("list(map(attrgetter, names))", "uses `attrgetter`"),
    ("'{0.__globals__}'.format(f)", "spells `__globals__`"),
    ("shell = get_ipython()", "uses `get_ipython`"),
    ("import numpy._core.numeric as n", "imports `numpy._core.numeric`"),
    ("from numpy.testing._private import utils", "imports `numpy.testing._private`"),
    ("%run other.py", "uses `get_ipython`"),
    ("%%writefile helpers.py\nimport ctypes", "imports `ctypes`"),
    ("class A:\n    def __array_interface__(self): pass", "defines `__array_interface__`"),
]


@pytest.mark.parametrize("source", HONEST)
def test_honest_code_passes(source):
    assert list(findings([("answer", source)])) == []


@pytest.mark.parametrize(("source", "named"), REACHING)
def test_what_reaches_for_the_machinery_is_named(source, named):
    assert ("answer", named) in list(findings([("answer", source)]))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_every_lab_and_every_known_answer_passes(lab):
    cells = nbformat.read(lab, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    own = {
        cell.metadata.get("nbgrader", {}).get("grade_id", cell.id): cell.source
        for cell in code
        if not is_locked(cell)
    }
    for replaced in ({}, *(answer.cells for answer in collect(lab.stem))):
        assert list(findings({**own, **replaced}.items())) == []


def test_a_file_written_by_a_cell_is_known_as_it_will_be():
    cells = ["%%writefile helpers.py\nx = 1", "%%writefile -a helpers.py\ny = 1", "x = 1"]
    assert list(written(cells)) == ["x = 1\n"]
