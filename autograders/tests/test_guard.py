"""What the guard compiles, looks at and stops, asked outside of a kernel."""

import ast
import enum
import random
from dataclasses import dataclass

import numpy as np
import pytest

from autograders.answers.runner import LABS
from autograders.grading.proof import alter, is_check
from autograders.grading.sandbox.inside import guard
from autograders.grading.sealed import imports_of
from autograders.grading.submission import read_notebook
from tinytorch import Linear, Sequential, Tensor


@pytest.fixture
def watch():
    return guard.Watch()


def check(source, watch, names=None, **namespace):
    kept = []
    meaning = {name: getattr(guard.builtins, name) for name in ("abs", "isinstance", "int", "str")}
    code = guard.compiled(source, meaning | (names or {}), watch, kept.append)
    exec(code, namespace)
    return kept


class Liar:
    def __eq__(self, other):
        return True

    __hash__ = None


class Float(float):
    def __sub__(self, other):
        return 0.0


class Array(np.ndarray):
    def __array_function__(self, *args, **kwargs):
        return True


def with_method_replaced():
    model = Sequential(Linear(2, 2))
    model.layers[0].forward = lambda x: x
    return model


LIARS = [
    Liar(),
    [1, [Liar()]],
    {"a": (Liar(),)},
    Float(1),
    np.zeros(2).view(Array),
    np.array([Liar()], dtype=object),
    np.ma.masked_all(2),
    pytest.approx(0),
    Tensor(np.zeros(2)).__class__ and with_method_replaced(),
]


# A file of the course stands for a student's here.
@pytest.fixture(autouse=True)
def this_file_is_a_students(monkeypatch):
    monkeypatch.setattr(guard, "_LIBRARY", tuple(p for p in guard._LIBRARY if p not in __file__))


@pytest.mark.parametrize("value", LIARS, ids=lambda value: type(value).__name__)
def test_a_value_that_speaks_for_itself_is_no_result(value, watch):
    with pytest.raises(guard.Lie, match="class"):
        check("assert answer == 1", watch, answer=value)


class Mode(enum.Enum):
    FAST = 1


@dataclass
class Run:
    loss: float


PLAIN = [
    1,
    np.float32(2),
    np.zeros((2, 2)),
    Tensor(np.zeros(2)),
    Sequential(Linear(2, 2)),
    Mode.FAST,
    [1, None, "a", {"b": (1.0,)}],
    lambda: None,
    Liar,
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_other_values_are(value, watch):
    check("assert [answer] is not None\nassert str(answer) != 1", watch, answer=value)


def test_names_keep_their_meaning(watch):
    shadow = {"abs": lambda x: 0, "np": None, "isinstance": lambda *args: True}
    check("assert abs(-2) == 2\nassert np.ones(1).sum() == 1", watch, {"np": np}, **shadow)
    with pytest.raises(AssertionError):
        check("assert isinstance('a', (int, float)), 'no number'", watch, **shadow)


def test_a_name_that_a_check_binds_is_its_own(watch):
    check("abs = 3\nassert abs == 3\ndef f(int): return int\nassert f(2) == 2", watch)


def test_the_last_expression_is_the_result(watch):
    assert check("x = 1.5\nx * 2", watch) == [3.0]


def test_a_changed_library_is_seen_even_for_the_time_of_a_call(watch):
    real = np.array_equal

    def double(array):
        np.array_equal = lambda *args: True
        return array

    try:
        with pytest.raises(guard.Tampered, match=r"numpy\.array_equal"):
            check("np.array_equal(double(1), 2)", watch, {"np": np}, double=double)
    finally:
        np.array_equal = real
    watch.intact()


def test_a_method_that_a_class_did_not_have_is_seen(watch):
    Linear.__eq__ = lambda self, other: True
    try:
        with pytest.raises(guard.Tampered, match="Linear.__eq__"):
            watch.intact()
    finally:
        del Linear.__eq__
    watch.intact()


def test_the_labs_own_names_are_put_back_for_a_check():
    room = guard.Room({}, {}, [], set())
    work = {"check": False, "sources": ["def helper(): return 1\nTABLE = {'a': 1}"]}
    assert room.run(work)["outcome"] == "ok"
    room.namespace |= {"helper": lambda: 2}
    room.namespace["TABLE"]["a"] = 2
    work = {"check": True, "sources": ["assert helper() == 1\nassert TABLE['a'] == 1"]}
    assert room.run(work)["outcome"] == "ok"
    assert room.namespace["helper"]() == 2


def test_an_outcome_says_where_a_check_failed():
    room = guard.Room({}, {}, [], set())
    outcome = room.run({"check": True, "sources": ["x = 1\nassert x == 2, 'two'"]})
    assert (outcome["outcome"], outcome["ename"], outcome["line"]) == ("error", "AssertionError", 2)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_every_check_can_be_compiled_and_altered(lab):
    cells = [c for c in read_notebook(lab.read_text()).cells if c.cell_type == "code"]
    checks = [cell.source for cell in cells if is_check(cell)]
    imports = imports_of(tuple(cell.source for cell in cells), tuple(checks))
    assert "np" in imports
    rng = random.Random(0)
    for source in checks:
        guard.compiled(source, dict.fromkeys(imports), None, print)
        altered = alter(source, rng)
        if altered is not None:
            text, line = altered
            assert ast.unparse(ast.parse(source)) != text
            assert text.splitlines()[line - 1].lstrip().startswith("assert")
