"""What lies beside a student's labs costs nobody a grade, and passes for no page of ours."""

import os
import socket
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograders.tests.conftest import toy_notebook

RIGHT = "def measure(array):\n    return (array == 0).mean()"
# One lab makes a file of what the other makes a folder of.
WRITES = {
    "01_toy": "open('x', 'w').write('one')\nopen('report.html', 'w').write('<h1>10 of 10</h1>')",
    "02_toy": "import os\nos.mkdir('x')\nopen('x/y', 'w').write('two')",
}
HTML = (".html", ".htm", ".svg")


def by_nbgrader(course):
    return [["nbgrader", "autograde", "toy"], ["nbgrader", "generate_feedback", "toy"]]


def by_batch(course):
    ours = [sys.executable, "-m", "autograders"]
    return [[*ours, step, "toy", "--workers=1"] for step in ("grade", "feedback")]


@pytest.mark.parametrize("way", [by_nbgrader, by_batch])
def test_files_of_a_students(way, course, nbgrader):
    nbgrader("generate_assignment", "toy")
    home = course / "submitted" / "ada" / "toy"
    home.mkdir(parents=True)
    for name, writes in WRITES.items():
        lab = toy_notebook()
        lab.cells[2].source = f"{RIGHT}\n{writes}"
        nbformat.write(lab, home / f"{name}.ipynb")
    for name in ("index.html", "Index.HTM", "drawing.svg", "notes.txt"):
        (home / name).write_text("<h1>10 of 10</h1>")
    (home / "data").mkdir()
    os.mkfifo(home / "data" / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(home / "s"))
    said = ""
    for command in way(course):
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
        said += " ".join((done.stdout + done.stderr).split())
        assert done.returncode == 0, done.stdout + done.stderr
    assert "ada/toy: data/pipe was a pipe or a socket, and is removed" in said
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        (graded,) = gradebook.assignment_submissions("toy")
        assert [lab.score for lab in graded.notebooks] == [6, 6]
    beside = course / "autograded" / "ada" / "toy"
    assert (beside / "x").is_file()
    assert (beside / "notes.txt").is_file()
    feedback = course / "feedback" / "ada" / "toy"
    pages = [path.name for path in feedback.rglob("*") if path.suffix.lower() in HTML]
    assert sorted(pages) == ["01_toy.html", "02_toy.html"]
