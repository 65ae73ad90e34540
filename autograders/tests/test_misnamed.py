"""A lab that was handed in under another name, or elsewhere, is graded, or named."""

import os
import shutil
from contextlib import chdir

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp

from autograders.grading.misnamed import _place, lab_of
from autograders.tests import pretend
from autograders.tests.batch_runs import grade
from autograders.tests.hostile_class import RIGHT

NAMES = {
    "numbered": "01_tiny (1).ipynb",
    "copied": "01_tiny-Copy1.ipynb",
    "kopiert": "01_tiny - Kopie.ipynb",
    "as_text": "01_tiny.ipynb.txt",
    "in_capitals": "01_TINY.IPYNB",
    "as_json": "01_tiny.json",
    "as_python": "01_tiny.py",
    "without_ending": "01_tiny",
    "in_a_folder": "tiny/01_tiny.ipynb",
    "renamed": "my lab.ipynb",
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return a course in which each student has given the first lab another name."""
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "log"))
    pretend.make(tmp_path, [*NAMES, "both", "other"])
    for student, name in NAMES.items():
        folder = tmp_path / "submitted" / student / "tiny"
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / "01_tiny.ipynb").rename(folder / name)
        (folder / "02_tiny.ipynb").unlink()
        source = nbformat.read(folder / name, as_version=4)
        for cell in source.cells:  # both labs of this course have the same cells
            if student == "renamed" and (marks := cell.metadata.get("nbgrader")):
                marks["grade_id"] = f"first_{marks['grade_id']}"
        nbformat.write(source, folder / name)
    both, other = (tmp_path / "submitted" / name / "tiny" for name in ("both", "other"))
    shutil.copy(both / "01_tiny.ipynb", both / "01_tiny (2).ipynb")
    (other / "notes.ipynb").write_text("{}")
    return tmp_path


def check(root, said):
    """Make sure that all were graded, and that it was said."""
    for student, name in NAMES.items():
        if student == "renamed":
            assert f"{student}/tiny: {name} is none of the labs, and is not graded" in said
            continue
        assert f"{student}/tiny: {name} was renamed to 01_tiny.ipynb" in said
        assert (root / "autograded" / student / "tiny" / "01_tiny.ipynb").exists()
    assert "both/tiny: 01_tiny.ipynb is graded, and 01_tiny (2).ipynb beside it is not" in said
    assert "other/tiny: notes.ipynb is none of the labs, and is not graded" in said
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        graded = {one.student.id for one in gradebook.assignment_submissions("tiny")}
    assert graded >= {*NAMES} - {"renamed"}


def test_the_batch_grader_says_so(root):
    show, stop = grade(root)
    assert stop is None
    check(root, "\n".join(show.said))


def test_plain_nbgrader_says_so(root, capsys):
    shutil.rmtree(root / "submitted" / "renamed")  # without a lab nbgrader ends with status 1
    (root / "submitted/other/tiny/my lab.ipynb").write_text("{}")
    with chdir(root):
        app = AutogradeApp()
        app.initialize(["tiny"])
        app.start()
    said = capsys.readouterr().err
    check(root, said.replace("other/tiny: my lab", "renamed/tiny: my lab"))


def test_a_lab_is_known_by_the_marks_in_it(tmp_path):
    folder = tmp_path / "ada" / "tiny"
    folder.mkdir(parents=True)
    nbformat.write(pretend.work(RIGHT), folder / "final version.ipynb")
    marks = {"01_tiny": {"double", "total", "gone"}, "02_other": {"double", "more", "most"}}
    assert list(_place(folder, marks)) == [
        "ada/tiny: final version.ipynb was renamed to 01_tiny.ipynb"
    ]
    assert (folder / "01_tiny.ipynb").exists()


def test_of_two_that_could_be_the_lab_none_is_taken(tmp_path):
    folder = tmp_path / "ada" / "tiny"
    folder.mkdir(parents=True)
    for number in (1, 2):
        (folder / f"01_tiny ({number}).ipynb").write_text("{}")
    (said,) = _place(folder, {"01_tiny": {"double"}})
    assert said.endswith("are both 01_tiny; rename the one that counts to 01_tiny.ipynb")
    assert not (folder / "01_tiny.ipynb").exists()


@pytest.mark.parametrize(
    "name", ["Copy of 01_tiny.ipynb", "01_tiny (1) (2).ipynb", "01-tiny.ipynb"]
)
def test_more_names(name):
    assert lab_of(name, {"01_tiny": None, "02_tiny": None}) == "01_tiny"


@pytest.mark.parametrize("name", ["tiny.ipynb", "01_tiny_old.ipynb", "03_tiny.ipynb", ".ipynb"])
def test_what_is_not_certain(name):
    assert lab_of(name, {"01_tiny": None, "02_tiny": None}) is None


MARKS = {"01_tiny": {"double", "total"}, "02_tiny": {"other"}}
ELSEWHERE = {
    "01_tiny.html": "01_tiny.html is no notebook, and 01_tiny is missing",
    "01_tiny (1).pdf": "01_tiny (1).pdf is no notebook, and 01_tiny is missing",
    "export/01-tiny.py": "export/01-tiny.py is no notebook, and 01_tiny is missing",
    "01_tiny.txt": "01_tiny.txt is no notebook, and 01_tiny is missing",
    "Labs.zip": "Labs.zip is not opened, and there is no 01_tiny and no 02_tiny: unpack what is "
    "in it",
    "notes.json": "",
    "._01_tiny.ipynb": "",
    ".ipynb_checkpoints/01_tiny-checkpoint.ipynb": "01_tiny is missing, and "
    ".ipynb_checkpoints/01_tiny-checkpoint.ipynb has what was saved",
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_stands_for_a_lab_that_is_missing_is_named(name, tmp_path):
    folder = tmp_path / "ada" / "tiny"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("<html>")
    said = ELSEWHERE[name]
    assert list(_place(folder, MARKS)) == ([f"ada/tiny: {said}"] if said else [])
    for lab in MARKS:
        nbformat.write(pretend.work(RIGHT), folder / f"{lab}.ipynb")
    assert list(_place(folder, MARKS)) == []


def test_copies_in_folders_are_left_where_the_lab_is(tmp_path):
    folder = tmp_path / "ada" / "tiny"
    (folder / "old").mkdir(parents=True)
    nbformat.write(pretend.work(RIGHT), folder / "old/01_tiny.ipynb")
    shutil.copy(folder / "old/01_tiny.ipynb", folder)
    assert list(_place(folder, MARKS)) == []
    (folder / "01_tiny.ipynb").unlink()
    (folder / "new").mkdir()
    shutil.copy(folder / "old/01_tiny.ipynb", folder / "new")
    (said,) = _place(folder, MARKS)
    assert said == (
        "ada/tiny: new/01_tiny.ipynb and old/01_tiny.ipynb are both 01_tiny; rename the one that "
        "counts to 01_tiny.ipynb"
    )


def test_a_folder_of_the_labs_name_is_told(tmp_path):
    folder = tmp_path / "ada" / "tiny"
    (folder / "01_tiny.ipynb").mkdir(parents=True)
    nbformat.write(pretend.work(RIGHT), folder / "01_tiny.ipynb/01_tiny.ipynb")
    assert list(_place(folder, {"01_tiny": set()})) == [
        "ada/tiny: 01_tiny.ipynb is a folder; put 01_tiny.ipynb/01_tiny.ipynb in its place"
    ]


def test_a_pipe_is_not_waited_for(tmp_path):
    folder = tmp_path / "ada" / "tiny"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "01_tiny (1).ipynb")
    assert list(_place(folder, MARKS)) == []
