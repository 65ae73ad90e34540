"""A course of somebody else's, with the two lines in its settings: the loop, as the page says.

Neither this course's own room nor ``tinytorch`` can be imported meanwhile, nor what they need.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograders.course import ROOT
from autograders.course.site import ANY, texts
from autograders.tests.conftest import cell

ABSENT = ("tinytorch", "autograders.course", "scipy", "sklearn", "matplotlib")
WITHOUT = f"""
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in {ABSENT!r}):
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""
PARTS = texts.parts(ROOT / "autograders" / "README.md")


def block(heading):
    """Return what is to be typed, as the page for any instructor shows it."""
    lines = texts.sections(PARTS[ANY])[heading].splitlines(keepends=True)
    return "".join(line.removeprefix("    ") for line in lines if line.startswith("    "))


SETTINGS = block("Two lines") + "get_config().IncludeHeaderFooter.header = 'source/header.ipynb'\n"
BEFORE, AFTER = block("A first assignment").split("nbgrader autograde")
RIGHT = "def squares(n):\n    return [i**2 for i in range(1, n + 1)]"
WRITES = """

import os
os.makedirs("out", exist_ok=True)
for name in ("out/squares.txt", "out/code.py", "timestamp.txt", ".hidden"):
    with open(name, "w") as file:
        file.write(str(squares(3)))
"""
ANSWERS = {
    "ada": RIGHT + WRITES,
    "bob": RIGHT.replace("range(1, n + 1)", "range(n)"),
    "dan": "def squares(n):\n    return [1, 4][n]",
    "eve": "class Yes:\n    def __eq__(self, other):\n        return True\n\n\n"
    "def squares(n):\n    return Yes()",
}
POINTS = {"ada": 3, "bob": 0, "dan": 0, "eve": 0}


HEADER = [cell("Who are you?", kind="markdown"), cell("import numpy as np\nNAME = ''")]


def notebook(answer):
    cells = [
        cell(answer, "squares", solution=True),
        cell("assert squares(2) == [1, 4], 'from 1 to n'", "two", points=1),
        cell(
            "### BEGIN HIDDEN TESTS\nassert np.sum(squares(123)) == 627874, 'the sum of many'\n"
            "### END HIDDEN TESTS",
            "ten",
            points=2,
        ),
        cell("Why?", kind="markdown"),
        cell("*Your answer.*", "why", kind="markdown", points=0, solution=True),
    ]
    for number, made in enumerate(cells):
        made["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("somewhere") / "course101"
    (root / "source" / "ps1").mkdir(parents=True)
    answer = f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION"
    nbformat.write(notebook(answer), root / "source" / "ps1" / "problem1.ipynb")
    (root / "nbgrader_config.py").write_text(SETTINGS)
    for made in HEADER:
        made.pop("id")  # as in the header of nbgrader's quickstart
    header = {"cells": HEADER, "metadata": {}, "nbformat": 4, "nbformat_minor": 0}
    (root / "source" / "header.ipynb").write_text(json.dumps(header))
    without = root.parent / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text(WITHOUT)
    return root


@pytest.fixture(scope="module")
def run(course):
    def run(*command, status=0):
        environment = {**os.environ, "PYTHONPATH": str(course.parent / "without")}
        if command[0] == "autograders":
            command = (sys.executable, "-m", *command)
        if command[0] == "python":
            command = (sys.executable, *command[1:])
        done = subprocess.run(
            command, cwd=course, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def released(course, run):
    for line in BEFORE.splitlines():
        run(*shlex.split(line, comments=True))
    for student, answer in ANSWERS.items():
        lab = nbformat.read(course / "release" / "ps1" / "problem1.ipynb", as_version=4)
        lab.cells[2].source = answer
        home = course / "submitted" / student / "ps1"
        home.mkdir(parents=True)
        nbformat.write(lab, home / "problem1.ipynb")
    return course


def points(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions("ps1")}


def written(course):
    """Return the files that lie beside a graded notebook which wrote some."""
    folder = course / "autograded" / "ada" / "ps1"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_absent_is_missed(run):
    said = run(sys.executable, "-c", "import tinytorch", status=1)
    assert "No module named 'tinytorch'" in said
    said = run(sys.executable, "-c", "import autograders.course", status=1)
    assert "No module named 'autograders.course'" in said


def test_it_is_tried_before_it_is_released(course, run):
    assert "problem1: 2 checks" in run("autograders", "preflight", "ps1")
    assert re.search(
        r"no notebooks in .*ps2; the assignments are: ps1",
        " ".join(run("autograders", "preflight", "ps2", status=2).split()),
    )


def test_plain_nbgrader_grades_it(released, run):
    for line in f"nbgrader autograde{AFTER}".splitlines():
        assert "to look at" not in run(*shlex.split(line, comments=True))
    assert points(released) == POINTS
    assert written(released) == {"problem1.ipynb", "out/squares.txt"}
    assert (released / "grades.csv").is_file()
    assert len([*released.glob("feedback/*/ps1/problem1.html")]) == len(ANSWERS)
    page = (released / "report" / "ps1.html").read_text()
    assert "ada" in page
    assert "squares" not in page


def test_a_batch_grades_it_alike(released, run):
    for made in ("autograded", "feedback"):
        shutil.rmtree(released / made, ignore_errors=True)
    run("autograders", "grade", "ps1", "--workers=2")
    assert points(released) == POINTS
    assert written(released) == {"problem1.ipynb", "out/squares.txt"}
    run("autograders", "feedback", "ps1")
    found = released.glob("feedback/*/*/*.html")
    pages = {path.parent.parent.name: path.read_text() for path in found}
    assert pages.keys() == ANSWERS.keys()
    assert "from 1 to n" in pages["bob"]
    where = "two: IndexError: list index out of range\n    line 2, in squares: return"
    assert where in pages["dan"]
    assert not any("627874" in page for page in pages.values())


@pytest.mark.parametrize(
    ("show", "there", "not_there"),
    [("reasons", "two: IndexError", "line 2, in"), ("names", "two: not passed", "IndexError")],
)
def test_less_can_be_shown(show, there, not_there, released, run):
    run("nbgrader", "generate_feedback", "ps1", "--student=dan", "--force",
        f"--RedactFeedback.show={show}")  # fmt: skip
    page = (released / "feedback" / "dan" / "ps1" / "problem1.html").read_text()
    assert there in page
    assert not_there not in page


def test_a_class_list_is_entered_and_zips_are_collected(released, run):
    (released / "list.csv").write_text("id;first_name\nada;Ada\nbob;Bob\neve;Eve\n")
    assert "3 students in the list" in run("autograders", "students", "list.csv")
    (released / "zips").mkdir()
    assert "error" not in run("autograders", "collect", "zips")


def test_a_learning_platform_gets_grades_and_pages(released, run):
    run("autograders", "grade", "ps1", "--workers=2")
    run("autograders", "feedback", "ps1", "--workers=2")
    rows = [f"Participant {n},{name} X,{name},Submitted,,3.00" for n, name in enumerate(POINTS)]
    head = "Identifier,Full name,ID number,Status,Grade,Maximum Grade"
    (released / "sheet.csv").write_text("\n".join([head, *rows]))
    where = ("--platform", "moodle", "--output", "moodle")
    assert f"{len(ANSWERS)} written" in run("autograders", "return", "ps1", "sheet.csv", *where)
    filled = (released / "moodle" / "sheet.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[4]) for row in filled] == list(POINTS.values())
    with zipfile.ZipFile(released / "moodle" / "feedback.zip") as packed:
        assert "ada X_0_assignsubmission_file_/problem1.html" in packed.namelist()


def test_a_course_that_is_stock_gets_the_batch_alone(released, run):
    settings = released / "nbgrader_config.py", released / "nbgrader_config.json"
    aside = [path.rename(f"{path}.aside") for path in settings]
    try:
        said = run("autograders", "grade", "ps1", "--force", "--workers=2")
        assert "students' code runs with your rights" in " ".join(said.split())
        assert points(released)["ada"] == 3
        settings[0].write_text("1 / 0\n")
        said = run("autograders", "grade", "ps1", "--force", status=1)
        assert "nbgrader_config.py cannot be read: ZeroDivisionError" in said
    finally:
        for path in aside:
            path.rename(path.with_suffix(""))


def test_commands_of_this_course_alone_are_not_there(run):
    said = run("autograders", "kit", status=2)
    assert "invalid choice: 'kit'" in said


def test_nothing_is_graded_where_the_settings_fail(released, run):
    settings = released / "nbgrader_config.py"
    settings.write_text(SETTINGS + "1 / 0\n")
    try:
        said = run("nbgrader", "autograde", "ps1", "--force", status=1)
    finally:
        settings.write_text(SETTINGS)
    assert "Nothing was graded or shown: nbgrader_config.py is not in force" in said
