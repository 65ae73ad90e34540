"""Hostile submissions, graded by plain `nbgrader autograde` in one class with an honest one."""

import subprocess

import pytest

from autograders.tests.hostile_class import (
    HONEST,
    MAX,
    attacks,
    honest,
    make_course,
    run,
    scores,
)

ATTACKS = attacks()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a course after grading and feedback, what the command printed, and its status."""
    root = tmp_path_factory.mktemp("hostile") / "course"
    make_course(root, [*ATTACKS, honest()])
    assert run(root, "generate_assignment", "tiny").returncode == 0
    finished = run(root, "autograde", "tiny")
    assert run(root, "generate_feedback", "tiny").returncode == 0
    return root, finished


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_attack_is_worth_more_than_the_same_work_without_it(attack, graded):
    root, _ = graded
    found = scores(root)[attack.name]
    assert sum(score for score, _ in found.values()) == attack.score, attack.idea
    page = (root / "feedback" / attack.name / "tiny" / "01_tiny.html").read_text()
    assert "0.8125" not in page
    assert "1.625" not in page
    assert "<script>unguessable" not in page


def test_the_class_is_graded_to_the_end(graded):
    root, finished = graded
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert scores(root)[HONEST] == {
        "doubles_each_entry": (2.0, False),
        "adds_everything": (3.0, False),
    }
    assert len(scores(root)) == len(ATTACKS) + 1
    assert len(ATTACKS) + 1 == len(list(root.glob("autograded/*/tiny/01_tiny.ipynb")))


def test_what_needs_a_look_is_said_at_the_end(graded):
    _, finished = graded
    assert "to look at (marked in the formgrader):" in finished.stdout
    assert "numpy_patched, 01_tiny, 2 cells: The code in cell 4" in finished.stdout


def test_a_tampered_check_is_flagged_and_says_why(graded):
    root, _ = graded
    for name in ("asserts_stripped", "equal_to_everything", "result_shown", "numpy_patched"):
        assert scores(root)[name]["doubles_each_entry"] == (0.0, True), name
        page = (root / "feedback" / name / "tiny" / "01_tiny.html").read_text()
        assert "No points by machine; a person will look at it." in page, name


def test_nothing_outlives_the_kernel(graded):
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "sleep 20.0625" not in running.stdout


def test_forty_are_enough():
    assert len(ATTACKS) >= 40
    assert MAX == 5
