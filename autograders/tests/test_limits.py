"""What runs for too long is stopped after a multiple of what the lab's own answers take."""

import copy
import math
import time

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograders.course.answers.apart import grading
from autograders.grading import execute
from autograders.grading.limits import WHOLE, Limits, cell_key
from autograders.tests.conftest import cell

TWICE = "import time\ndef twice(n):\n    time.sleep(n)\n    return 2 * n"
OWN = "import time\ndef wait(n):\n    time.sleep(n)\n    return n"
CHECKS = {
    "short": "assert wait(0) == 0",
    "hidden": "assert wait(0) == 0\n### BEGIN HIDDEN TESTS\nassert wait(0.01) == 0.01, 'waits'\n"
    "### END HIDDEN TESTS",
    "long": "assert wait(0.5) == 0.5",
    "again": "assert wait(0) == 0",
    "other": "assert twice(0.2) == 0.4",
}


def lab(answer=OWN, demo="wait(0.3)", other=TWICE):
    cells = [cell(answer, "wait", solution=True), cell(demo)]
    cells += [cell(other, "twice", solution=True)]
    cells += [cell(source, name, points=1) for name, source in CHECKS.items()]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """Judge an answer; return the points by check, and what the executor knows."""
    monkeypatch.setattr(execute, "measured", {})
    (tmp_path / "modules/toy").mkdir(parents=True)
    nbformat.write(lab(), tmp_path / "modules/toy/01_toy.ipynb")
    with grading(tmp_path, SandboxedExecute={"least": 1, "own": 8, "patience": 10}) as executor:

        def judge(answer, demo="wait(0.3)", other=TWICE):
            work = copy.deepcopy(lab(answer, demo, other))
            about = {"student": "ada", "assignment": "toy", "notebook": "01_toy"}
            executor.preprocess(work, {"metadata": {"path": str(tmp_path)}, "nbgrader": about})
            points = {c.metadata.nbgrader.grade_id: determine_grade(c)[0] for c in work.cells[3:]}
            return points, executor.limits

        yield judge


def test_nothing_is_measured_as_long_as_nobody_is_slow(judge):
    points, limits = judge(OWN)
    assert set(points.values()) == {1}
    assert not limits.exceeded
    assert not execute.measured


def test_an_endless_loop_is_not_waited_for_at_length_again(judge):
    start = time.monotonic()
    points, limits = judge("def wait(n):\n    while True:\n        pass")
    assert points == {**dict.fromkeys(CHECKS, 0), "other": 1}
    (measured,) = execute.measured.values()
    assert 0.5 < measured["long", 0] < measured[WHOLE]
    assert list(limits.exceeded)[:2] == [cell_key("wait(0.3)"), ("short", 0)]
    first, *others = limits.exceeded.values()
    assert first > 2.5  # ten times the lab's own demo: what was stopped after a second ran again
    assert all(seconds < first for seconds in others)
    assert time.monotonic() - start < 600


def test_an_honest_answer_that_is_slow_has_its_time(judge):
    slow = OWN.replace("time.sleep(n)", "time.sleep(1.4 * (n == 0.5))")
    points, limits = judge(slow, demo="1")
    assert points == dict.fromkeys(CHECKS, 1)
    assert not limits.exceeded
    assert execute.measured


def test_a_notebook_of_many_slow_cells_ends(judge):
    points, limits = judge(OWN, demo="1")
    assert limits.of(WHOLE) == 16
    assert Limits(1, 8, 10, 60, 600, {WHOLE: 3.0}).of(WHOLE) == 30
    assert Limits(1, 8, 10, 60, 20, {WHOLE: 3.0}).of(WHOLE) == 20


def test_a_students_own_experiment_has_more_time(judge):
    points, limits = judge(OWN, demo="time.sleep(1.5)\nwait(0.3)")
    assert set(points.values()) == {1}
    assert not limits.exceeded


def test_what_was_stopped_before_times_were_known_is_run_once_more_at_most(judge, monkeypatch):
    """Here once for the demo, which may take longer; in a second notebook times are known."""
    begun = []
    monkeypatch.setattr(execute.SandboxedExecute, "_reset", counted(begun))
    endless = "def wait(n):\n    while True:\n        pass"
    judge(endless)
    assert begun == ["the notebook", "the lab", "the notebook"]
    judge(endless)
    judge(endless, demo="1")
    assert begun[3:] == ["the notebook"] * 2


def test_a_stop_that_was_fair_is_not_run_again(judge, monkeypatch):
    begun = []
    monkeypatch.setattr(execute.SandboxedExecute, "_reset", counted(begun))
    points, limits = judge("def wait(n):\n    while True:\n        pass", demo="1")
    assert begun == ["the notebook", "the lab"]
    assert points == {**dict.fromkeys(CHECKS, 0), "other": 1}
    assert limits.exceeded["short", 0] == 1
    assert limits.exceeded["long", 0] > 1.5  # what comes later has three times the lab's own


def counted(begun):
    reset = execute.SandboxedExecute._reset

    def counting(executor, notebook):
        begun.append("the lab" if executor.limits.least == math.inf else "the notebook")
        reset(executor, notebook)

    return counting


def test_another_answer_has_its_time_after_one_that_loops(judge):
    """It takes longer than what is left to an answer that has run out of time."""
    loops = OWN.replace("time.sleep(n)", "while n == 0:\n        pass\n    time.sleep(n)")
    slow = TWICE.replace("time.sleep(n)", "time.sleep(0.8)")
    points, limits = judge(loops, other=slow)
    assert points == {"short": 0, "hidden": 0, "long": 1, "again": 0, "other": 1}
    assert list(limits.exceeded) == [("short", 0), ("hidden", 0), ("again", 0)]
    short, hidden, again = (limits.measured[key] for key in limits.exceeded)
    expected = [max(1, 10 * short), max(1 / 12, 3 * hidden), max(1 / 12, 3 * again)]
    assert list(limits.exceeded.values()) == expected


def test_an_answer_that_loops_for_hidden_inputs_alone_is_waited_for_once(judge):
    hidden = "if n == 0.01:\n        while True:\n            pass"
    points, limits = judge(f"import time\ndef wait(n):\n    {hidden}\n    return n")
    assert points == {**dict.fromkeys(CHECKS, 1), "hidden": 0}
    assert list(limits.exceeded) == [("hidden", 1)]


def test_a_kernel_is_stopped_as_soon_as_the_judge_says_that_it_is_late(judge, monkeypatch):
    """The grader's own time-out would come a minute later, and end the notebook at 15 seconds."""
    monkeypatch.setattr(execute, "_SLACK", 60)
    points, _ = judge("def wait(n):\n    while True:\n        pass", demo="1")
    assert points == {**dict.fromkeys(CHECKS, 0), "other": 1}
