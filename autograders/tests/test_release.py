"""A lab that changes after it was handed in: what is released stays; whom it concerns is said."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp, NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import LockCells

from autograders.course import ROOT
from autograders.course.loop import is_trouble
from autograders.grading import release as module
from autograders.grading import settings
from autograders.tests import pretend
from autograders.tests.conftest import cell, toy_notebook

ACCEPT = "--ReleaseExporter.accept=True"
HAND_IN = ("ada", "bob")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Return a course that was released and graded; a person gave ada 4 points for an answer."""
    root = tmp_path_factory.mktemp("release") / "course"
    (root / "modules" / "toy").mkdir(parents=True)
    for name in ("01_toy", "02_toy"):
        nbformat.write(toy_notebook(), root / "modules" / "toy" / f"{name}.ipynb")
    edit(root, lambda cells, by: cells.remove(by["counts_zeros_only"]), "02_toy")
    settings.copy(ROOT, root)
    with (root / "nbgrader_config.py").open("a") as more:
        more.write(pretend.SETTINGS)
    pretend.nbgrader(root, GenerateAssignmentApp, "toy")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "tinytorch") as gradebook:
        for student in HAND_IN:
            gradebook.add_student(student)
            gradebook.add_submission("toy", student)
        for cell_name, points in (("why_exact_zero", 4), ("counts_zeros_only", 2.5)):
            grade = gradebook.find_grade(cell_name, "01_toy", "toy", "ada")
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
    return root


@pytest.fixture
def course(handed_in, tmp_path, monkeypatch):
    root = tmp_path / "course"
    shutil.copytree(handed_in, root)
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "log"))
    return root


def edit(course, change, lab="01_toy"):
    """Have a function change a lab's cells, which it gets as a list and by grade id."""
    path = course / "modules" / "toy" / f"{lab}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(
        notebook.cells, {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
    )
    nbformat.write(notebook, path)


def generate(course, *options):
    pretend.nbgrader(course, GenerateAssignmentApp, "toy", "--force", *options, level="WARN")


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def grades(course, student="ada"):
    """Return, by lab and cell, what a person gave a student, and the most that it is worth."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            (lab.name, grade.name): (grade.manual_score, grade.max_score)
            for lab in gradebook.find_submission("toy", student).notebooks
            for grade in lab.grades
        }


def rename(cells, by):
    by["why_exact_zero"].metadata.nbgrader.grade_id = "why_zero"


def remove(cells, by):
    cells.remove(by["counts_zeros_only"])


def add(cells, by):
    cells.append(cell("assert True", "brand_new", points=2))


def lock(cells, by):
    cells.append(cell("Read this.", "locked_prose", kind="markdown"))


def become_a_check(cells, by):
    old = by["why_exact_zero"]
    cells[cells.index(old)] = cell("assert True", "why_exact_zero", points=4)


CHANGES = {
    "renamed": (
        rename,
        "01_toy, why_exact_zero is called why_zero now; a person has graded it for ada",
    ),
    "removed": (
        remove,
        "01_toy, counts_zeros_only is gone, with its points; a person has graded it",
    ),
    "added": (add, "01_toy, brand_new is new: 2 submissions were graded without it"),
    "a locked cell": (lock, "01_toy, locked_prose is new"),
    "another kind": (become_a_check, "01_toy, why_exact_zero is of another kind than it was"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_released_stays_and_the_change_is_explained(what, course, capfd):
    change, said = CHANGES[what]
    released, before = files(course / "release"), grades(course)
    edit(course, change)
    with pytest.raises(SystemExit) as end:
        generate(course)
    assert end.value.code == 1
    assert (files(course / "release"), grades(course)) == (released, before)
    told = capfd.readouterr().err
    assert said in told
    assert f"nbgrader generate_assignment toy --force {ACCEPT}" in told


def test_a_new_name_keeps_what_was_given(course):
    edit(course, rename)
    generate(course, ACCEPT)
    assert grades(course)["01_toy", "why_zero"] == (4, 4)
    assert ("01_toy", "why_exact_zero") not in grades(course)
    assert b"why_zero" in (course / "release/toy/01_toy.ipynb").read_bytes()
    generate(course)  # nothing has changed since


def test_what_is_gone_goes_alone(course):
    edit(course, remove)
    edit(course, add)
    generate(course, ACCEPT)
    now = grades(course)
    assert now["01_toy", "why_exact_zero"] == (4, 4)
    assert now["01_toy", "brand_new"] == (None, 2)
    assert ("01_toy", "counts_zeros_only") not in now
    assert now.keys() == grades(course, "bob").keys()


def test_another_kind_begins_anew(course):
    edit(course, become_a_check)
    generate(course, ACCEPT)
    assert grades(course)["01_toy", "why_exact_zero"] == (None, 4)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        names = {c.name for c in gradebook.find_notebook("01_toy", "toy").solution_cells}
    assert names == {"measure", "report"}


def test_a_check_that_moved_takes_its_points_along(course, capfd):
    moved = []
    edit(course, lambda cells, by: moved.append(cells.pop(cells.index(by["counts_zeros_only"]))))
    edit(course, lambda cells, by: cells.extend(moved), "02_toy")
    generate(course, ACCEPT)
    assert "01_toy, counts_zeros_only is moved to 02_toy" in capfd.readouterr().err
    assert grades(course)["02_toy", "counts_zeros_only"] == (2.5, 3)


def test_a_lab_that_is_renamed_keeps_what_was_given(course, capfd):
    lab = course / "modules" / "toy" / "01_toy.ipynb"
    lab.rename(lab.with_name("03_toy.ipynb"))
    generate(course, ACCEPT)
    told = capfd.readouterr().err
    assert "01_toy is called 03_toy now, and keeps what was given for it; in submitted/" in told
    assert "moved" not in told
    assert grades(course)["03_toy", "why_exact_zero"] == (4, 4)
    assert {lab for lab, _ in grades(course)} == {"02_toy", "03_toy"}


def test_labs_that_are_removed_and_added(course, capfd):
    (course / "modules/toy/01_toy.ipynb").unlink()
    other = nbformat.v4.new_notebook(cells=[cell("assert 1", "only", points=1)])
    nbformat.write(other, course / "modules/toy/09_toy.ipynb")
    with pytest.raises(SystemExit):
        generate(course)
    told = capfd.readouterr().err
    assert "01_toy is gone, with all points for it; a person has graded it for ada" in told
    assert "09_toy is new: 2 submissions came in without it" in told
    generate(course, ACCEPT)
    assert grades(course)["09_toy", "only"] == (None, 1)
    assert {lab for lab, _ in grades(course)} == {"02_toy", "09_toy"}


# Points


def lower(cells, by):
    by["why_exact_zero"].metadata.nbgrader.points = 2


def test_points_below_a_score_that_was_given_are_told_where_one_looks(course, capfd):
    edit(course, lower)
    generate(course)
    told = capfd.readouterr().err
    above = (
        "a person gave 4 points, it is worth 2 now, and 4 still count: mend it in the formgrader"
    )
    assert f"01_toy, why_exact_zero: {above} (ada)" in told
    assert "is worth 2 points in place of 4: 2 submissions were graded under the old ones" in told
    lines = [line.partition("] ")[2] for line in told.splitlines() if "WARNING" in line]
    assert lines
    assert not any(is_trouble("WARNING", line) for line in lines)
    for student in HAND_IN:
        home = course / "submitted" / student / "toy"
        shutil.copytree(course / "release" / "toy", home)
    pretend.nbgrader(course, AutogradeApp, "toy", level="WARN")
    assert f"Needs a look: ada, 01_toy, why_exact_zero: {above}" in capfd.readouterr().err


# Nothing is removed before what follows is complete


def broken(cells, by):
    by["report"].metadata.nbgrader.grade_id = "measure"  # twice


def test_a_lab_that_cannot_be_released_changes_nothing(course, capfd):
    released, before = files(course / "release"), (course / "gradebook.db").read_bytes()
    edit(course, broken, "02_toy")
    with pytest.raises(SystemExit):
        generate(course)
    assert files(course / "release") == released
    assert (course / "gradebook.db").read_bytes() == before
    assert "02_toy.ipynb cannot be released: Notebook failed to validate" in capfd.readouterr().err


@pytest.mark.parametrize("error", [OSError("the disk is full"), KeyboardInterrupt()])
def test_what_breaks_off_in_the_middle_leaves_the_old_release(error, course, monkeypatch):
    released = files(course / "release")
    lock_cells, calls = LockCells.preprocess, []

    def fail(self, nb, resources):
        calls.append(resources["unique_key"])
        if len(calls) == 4:  # two labs are rehearsed, one is written
            raise error
        return lock_cells(self, nb, resources)

    monkeypatch.setattr(LockCells, "preprocess", fail)
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        generate(course)
    assert len(calls) == 4
    assert files(course / "release") == released


def test_a_swap_that_was_broken_off_is_finished_by_the_next_release(course):
    release = course / "release" / "toy"
    release.rename(release.with_name(".toy.before"))
    release.with_name(".toy.next").mkdir()
    module.repair(release)
    assert [path.name for path in release.parent.iterdir()] == ["toy"]


def test_one_lab_leaves_the_others(course):
    released = files(course / "release")
    edit(course, lambda cells, by: by["measure"].update(source="def measure():\n    pass"))
    generate(course, "--notebook=01_toy")
    now = files(course / "release")
    assert now.keys() == released.keys()
    assert now["toy/02_toy.ipynb"] == released["toy/02_toy.ipynb"]
    assert now["toy/01_toy.ipynb"] != released["toy/01_toy.ipynb"]


def test_without_force_nothing_is_done(course):
    released = files(course / "release")
    edit(course, remove)
    pretend.nbgrader(course, GenerateAssignmentApp, "toy")
    assert files(course / "release") == released


def test_the_formgraders_button_does_the_same_and_the_courses_hook_is_run(course, monkeypatch):
    monkeypatch.chdir(course)
    with (course / "nbgrader_config.py").open("a") as more:
        more.write(
            "def done(assignment, student, notebooks):\n    Path('done').write_text(assignment)\n\n"
            "c.GenerateAssignment.post_convert_hook = done\n"
        )
    app = GenerateAssignmentApp()
    app.initialize([])
    directory = CourseDirectory(parent=app)
    assert NbGraderAPI(directory, parent=app).generate_assignment("toy")["success"]
    assert Path("done").read_text() == "toy"
    edit(course, remove)
    answer = NbGraderAPI(directory, parent=app).generate_assignment("toy")
    assert not answer["success"]
    assert "counts_zeros_only is gone" in answer["log"]
    assert directory.student_id == "*"
