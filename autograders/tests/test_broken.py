"""Broken submissions, graded by plain `nbgrader autograde` in one class with an honest one."""

import pytest

from autograders.tests.hostile_class import (
    HONEST,
    damaged,
    honest,
    make_course,
    run,
    scores,
)

DAMAGED = damaged()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = tmp_path_factory.mktemp("broken") / "course"
    make_course(root, [*DAMAGED, honest()])
    assert run(root, "generate_assignment", "tiny").returncode == 0
    finished = run(root, "autograde", "tiny")
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert run(root, "generate_feedback", "tiny").returncode == 0
    return root


@pytest.mark.parametrize("work", DAMAGED, ids=lambda work: work.name)
def test_damage_costs_what_it_broke(work, graded):
    found = scores(graded)[work.name]
    assert sum(score for score, _ in found.values()) == work.score, work.idea


def test_the_honest_grade_does_not_move(graded):
    assert scores(graded)[HONEST] == {
        "doubles_each_entry": (2.0, False),
        "adds_everything": (3.0, False),
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("empty_file", "cannot be read: the file is empty."),
        ("json_broken_off", "The file that was handed in is damaged: it breaks off"),
        ("check_deleted", "was missing from what was handed in, and was put back"),
    ],
)
def test_feedback_says_what_was_wrong(name, sentence, graded):
    assert sentence in (graded / "feedback" / name / "tiny" / "01_tiny.html").read_text()


@pytest.mark.parametrize("name", ["json_broken_off", "empty_file", "a_list", "answer_deleted"])
def test_what_could_not_be_read_or_found_is_flagged(name, graded):
    assert any(flag for _, flag in scores(graded)[name].values())
