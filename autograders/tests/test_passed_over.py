"""What is taken for graded, and has something that was not: it is said, with what to type."""

import os

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp

from autograders.tests import pretend
from autograders.tests.batch_runs import grade
from autograders.tests.hostile_class import RIGHT, WRONG


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return a course in which three students were graded."""
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "log"))
    pretend.make(tmp_path, ["ada", "bob", "it's me"])
    assert grade(tmp_path)[1] is None
    return tmp_path


@pytest.fixture(params=["plain", "batch"])
def said(request, root, capfd):
    """Return a function that grades again, and gives what was said."""

    def said(*options):
        if request.param == "batch":
            return grade(root, force="--force" in options)[0].said
        pretend.nbgrader(root, AutogradeApp, "tiny", *options, level="WARN")
        return [
            line.partition("] ")[2] or line
            for line in capfd.readouterr().err.splitlines()
            if "graded: nbgrader autograde" in line
        ]

    return said


AGAIN = "; to have it graded: nbgrader autograde tiny --student={} --force"


def test_nothing_is_said_where_nothing_is_new(root, said):
    os.utime(root / "submitted/ada/tiny/01_tiny.ipynb")  # touched, and the same
    os.chmod(root / "submitted/bob/tiny/01_tiny.ipynb", 0o600)
    assert said() == []


def test_a_lab_that_came_later(root, said):
    (root / "autograded/bob/tiny/02_tiny.ipynb").unlink()
    assert said() == ["bob: 02_tiny.ipynb came after the rest was graded" + AGAIN.format("bob")]


def test_a_file_that_was_replaced_by_hand(root, said):
    path = root / "submitted/it's me/tiny/01_tiny.ipynb"
    nbformat.write(pretend.work(WRONG), path)
    os.utime(path, (0, 0))  # as it was packed
    (sentence,) = said()
    assert sentence.startswith("it's me: 01_tiny.ipynb is another file than the one that was grad")
    assert sentence.endswith(AGAIN.format("'it'\"'\"'s me'"))
    assert said("--force") == []
    assert said() == []


def test_a_gradebook_that_was_lost(root, said):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        gradebook.remove_submission("tiny", "ada")
    (sentence,) = said()
    assert sentence.startswith("ada: its grades in ")
    assert "are not in the gradebook" in sentence


def test_a_gradebook_that_was_lost_as_a_whole_is_one_sentence(root, said):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        for student in ("ada", "bob", "it's me"):
            gradebook.remove_submission("tiny", student)
    assert [one.partition("; to have")[0] for one in said()] == [
        "3 submissions are graded in autograded/, and not in the gradebook"
    ]


def test_a_later_hand_in_is_graded_and_nothing_is_said(root, said):
    pretend.hand_in(root, "bob", RIGHT)
    (root / "submitted/bob/tiny/timestamp.txt").write_text("2026-01-03 12:00:00 UTC\n")
    (root / "log").write_text("")
    assert said() == []
    assert "ran bob 01_tiny" in (root / "log").read_text()
