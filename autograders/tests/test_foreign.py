"""Courses of other people's: who is honest gets what stock nbgrader gives, cell by cell."""

import shutil

import nbformat
import pytest

from autograders.answers import apart, stock
from autograders.tests.foreign_courses import FILES, NAMES, Course

COURSES = {name: Course(name) for name in NAMES}
HONEST = [
    (name, student)
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
def executor(assignment):
    with apart.grading(assignment.parent.parent) as executor:
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
