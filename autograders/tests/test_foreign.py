"""Courses of other people's: who is honest gets what stock nbgrader gives, cell by cell."""

import json
import shutil
import sys

import nbformat
import pytest
from traitlets.config import Config

from autograders import layout
from autograders.preflight import apart, stock
from autograders.tests.foreign_courses import FILES, NAMES, Course

COURSES = {name: Course(name) for name in NAMES}
# Checks of answers that a hostile student has replaced by objects that agree with everything.
UNDESERVED = {
    "written": {"the_summary_is_json", "arrays_and_pickles_are_read"},
    "classes": {
        *("has_an_area", "describes_itself", "compares", "adds", "sorts"),
        *("makes_points", "chooses", "swaps", "links"),
    },
    "modern": {
        *("errors_are_pythons_own", "errors_have_causes", "errors_come_in_groups"),
        *("errors_have_notes", "views_compare"),
    },
}
HONEST = [
    pytest.param(name, student, marks=course.marks())
    for name, course in COURSES.items()
    for student in course.students()
    if student != "hostile"
]


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    """Return the folder of an assignment in which each course is a lab, files beside them."""
    folder = tmp_path_factory.mktemp("courses") / "modules" / "foreign"
    shutil.copytree(FILES, folder)
    for name, course in COURSES.items():
        nbformat.write(course.source(), folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """Make a kernel for the shell known to Jupyter."""
    folder = tmp_path_factory.mktemp("jupyter")
    spec = folder / "kernels" / "bash" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Bash", "language": "bash"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        yield


@pytest.fixture(scope="module")
def executor(assignment, kernels):
    config = Config({"CourseDirectory": {"source_directory": "modules"}})
    with apart.grading(layout.course(assignment.parent.parent, config)) as executor:
        yield executor


@pytest.mark.parametrize(("name", "student"), HONEST)
def test_honest_work_gets_what_stock_nbgrader_gives(name, student, assignment, executor):
    lab, notebook = assignment / f"{name}.ipynb", COURSES[name].submission(student)
    expected = stock.verdicts(stock.run(notebook, lab))
    found = stock.verdicts(apart.run(executor, lab, notebook))
    differ = [
        f"{check}: {verdict}, judged apart {found[check]}"
        for check, verdict in expected.items()
        if verdict.score != found[check].score
    ]
    assert not differ, "\n".join(differ)
    if student == "reference":
        assert all(verdict.score == verdict.most for verdict in expected.values()), expected


@pytest.mark.parametrize("name", UNDESERVED)
def test_objects_that_agree_with_everything_get_nothing(name, assignment, executor):
    lab, notebook = assignment / f"{name}.ipynb", COURSES[name].submission("hostile")
    found = stock.verdicts(apart.run(executor, lab, notebook))
    lost = {check for check, verdict in found.items() if not verdict.score}
    assert lost == UNDESERVED[name]


def test_a_kernel_that_is_not_installed_gives_no_points(assignment, executor):
    lab = COURSES["shell"].source()
    lab.metadata["kernelspec"] = {"name": "forth", "display_name": "Forth", "language": "forth"}
    nbformat.write(lab, assignment / "forth.ipynb")
    found = stock.verdicts(apart.run(executor, assignment / "forth.ipynb", lab))
    assert [verdict.score for verdict in found.values()] == [0, 0, 0]
    assert all("forth, is not installed" in verdict.said for verdict in found.values())


def test_a_submission_does_not_choose_its_kernel(assignment, executor):
    notebook = COURSES["text"].submission("empty")
    notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "", "language": "bash"}
    found = stock.verdicts(apart.run(executor, assignment / "text.ipynb", notebook))
    assert {verdict.score for verdict in found.values()} == {0}
