"""Folders in submitted/ whose names nbgrader takes for something else: nobody is forgotten."""

import os
from contextlib import suppress

import pytest
from jupyter_core.application import NoStart
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp, DbApp, GenerateFeedbackApp

from autograders.batch.outcome import Status
from autograders.grading.names import UnfitName, check_name
from autograders.tests import pretend
from autograders.tests.batch_runs import grade
from tinytorch import submit

UNFIT = [
    "[h]onest",
    "\u3164",
    "[x]",
    "a,b",
    "new\nline",
    "tab\tx",
    ".hidden",
    "-dash",
    "con",
    "a" * 100,
]
UNFIT.append("e\u0301")  # two signs for one letter


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("names") / "course"
    pretend.make(root, ["Honest", "honest"])
    for name in UNFIT:
        pretend.hand_in(root, name, pretend.RIGHT)
    os.environ["PRETEND_LOG"] = str(root / "log")
    return root


def students(root):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {student.id for student in gradebook.students}


def test_who_can_be_graded_is_graded_and_the_others_are_named(course, capfd):
    with pytest.raises(SystemExit) as end:
        pretend.nbgrader(course, AutogradeApp, "tiny")
    assert end.value.code == 1
    assert students(course) == {"Honest", "honest"}
    assert {p.name for p in course.glob("autograded/*")} == {"Honest", "honest"}
    said = capfd.readouterr().err
    for name in UNFIT:
        assert f"Left out: the name {ascii(name)}" in said
    assert "11 left out: for each of them, rename its folder" in said
    (course / "autograded" / "[h]onest").symlink_to(course / "submitted" / "[h]onest")
    with pytest.raises(SystemExit):
        pretend.nbgrader(course, GenerateFeedbackApp, "tiny")
    assert {p.name for p in course.glob("feedback/*")} == {"Honest", "honest"}


def test_one_of_them_by_name_is_not_taken_for_a_pattern(course):
    before = (course / "log").read_text() if (course / "log").exists() else ""
    with pytest.raises(SystemExit):
        pretend.nbgrader(course, AutogradeApp, "tiny", "--student=[h]onest", "--force")
    assert (course / "log").read_text() == before


def test_the_batch_names_them_too(course):
    show, stop = grade(course, force=True)
    assert stop is None
    failed = {one.student for one in show.outcomes if one.status is Status.FAILED}
    assert failed == set(UNFIT)
    assert {one.student for one in show.outcomes} - failed == {"Honest", "honest"}
    assert "'Honest' and 'honest' look like one person" in show.said


def test_a_name_like_another_is_told_when_it_is_added(course, capfd):
    for student in ("ada", "ADA"):
        with suppress(NoStart):  # how a command of commands ends
            pretend.nbgrader(course, DbApp, "student", "add", student, level="WARN")
    assert "'ADA' and 'ada' look like one person" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["[x]", "a,b", "con"])
def test_none_of_them_is_added_to_the_gradebook(name, course):
    before = students(course)
    with pytest.raises(SystemExit) as end:
        pretend.nbgrader(course, DbApp, "student", "add", name)
    assert end.value.code == 1
    (course / "list.csv").write_text(f'id\n"{name}"\n')
    with pytest.raises(SystemExit):
        pretend.nbgrader(course, DbApp, "student", "import", "list.csv")
    assert students(course) == before


# What students name their zips by, in the kit, and what the grader takes: one rule, told twice, for
# neither package needs the other.
INVISIBLE = ["\u3164", "\u115f \u1160", "\ufe0f", "\u034f\u0301", "\u0301", "_ _", "'@'"]
NAMES = [
    *(" Zoe\u0308 d'Arc ", "ada@example.org", "", "a--b", "-a", "a.", "con", "LPT1.x", *UNFIT),
    *INVISIBLE,
    *("a" * 80, "a" * 81, "é" * 80, "é" * 81),
    *(f"a{chr(number)}b" for number in range(0x3000)),
]


def test_the_kit_takes_the_same_names():
    assert list(map(by_kit, NAMES)) == list(map(by_grader, NAMES))


@pytest.mark.parametrize("name", INVISIBLE)
def test_a_name_that_nobody_can_see_is_none(name):
    with pytest.raises(UnfitName, match="no letter or digit that can be seen"):
        check_name(name)


def by_kit(name):
    try:
        return submit.check_name(name)
    except submit.SubmitError as refused:
        return str(refused).partition("; use the name")[0]


def by_grader(name):
    try:
        return check_name(name)
    except UnfitName as refused:
        return str(refused)
