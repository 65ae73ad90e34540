"""Kernels of other languages: they start as they do in JupyterLab, and what happens costs alone."""

import json
import shutil
import sys

import nbformat
import pytest
from traitlets.config import Config

from autograders import layout
from autograders.grading.judge.parts import is_check
from autograders.grading.notes import MET, NOTES, SAID, WHY
from autograders.preflight import apart, stock
from autograders.tests.conftest import cell
from autograders.tests.foreign_courses import FILES, NEEDS_R, Course

# A program without its folder, variables of its own, and one with another in it.
SHELL = {
    "argv": ["sh", "-c", 'exec "$PYTHON" -m bash_kernel -f "$0"', "{connection_file}"],
    "env": {"PYTHON": sys.executable, "GREETING": "${USER}, hello"},
    "display_name": "Bash",
    "language": "bash",
}
R = Course("statistics")
ALL = {
    c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points
    for c in R.source().cells
    if is_check(c)
}
AGGREGATE = "aggregate(number ~ shop, data = x, FUN = sum)"


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """Return a function that grades what was handed in to a lab."""
    spec = tmp_path / "jupyter" / "kernels" / "shell" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps(SHELL))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    folder = tmp_path / "course" / "source" / "ps1"
    shutil.copytree(FILES, folder)
    with apart.grading(
        layout.course(folder.parent.parent, Config({"SandboxedExecute": {"own": 3}}))
    ) as executor:

        def graded(lab, notebook):
            nbformat.write(lab, folder / "lab.ipynb")
            return apart.run(executor, folder / "lab.ipynb", notebook)

        yield graded


def of_shell(*cells):
    about = {"name": "shell", "display_name": "Bash", "language": "bash"}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": about})


def scores(notebook):
    return {name: verdict.score for name, verdict in stock.verdicts(notebook).items()}


def notes(notebook, name):
    marks = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)
    return next(marks).metadata[NOTES]


def test_a_kernel_is_found_by_path_and_has_its_own_variables(graded):
    lab = of_shell(cell('test "$GREETING" = "student, hello"', "greets", points=1))
    assert scores(graded(lab, lab)) == {"greets": 1}


def test_what_never_ends_is_interrupted_and_the_rest_graded(graded):
    check = cell('test "$later" = 1', "later", points=1)
    lab = of_shell(cell("later=1", "answer", solution=True), check)
    handed_in = of_shell(cell("while true; do :; done"), *lab.cells)
    assert scores(graded(lab, handed_in)) == {"later": 1}


def test_why_a_check_failed_is_said_and_nothing_of_a_hidden_one(graded):
    hidden = "true\n### BEGIN HIDDEN TESTS\ntest 1 = unguessable\n### END HIDDEN TESTS"
    lab = of_shell(cell("false", "fails", points=1), cell(hidden, "hidden", points=1))
    found = graded(lab, lab)
    assert notes(found, "fails")[WHY] == "status 1"
    assert notes(found, "hidden")[WHY] == "it failed; what it tests is hidden"


def of_r(answer, source):
    notebook = R.submission("reference")
    for made in notebook.cells:
        if made.metadata.get("nbgrader", {}).get("grade_id") == answer:
            made.source = source
    return notebook


@NEEDS_R
@pytest.mark.parametrize("endless", ["while (TRUE) {}", "system('sleep 1000')"])
def test_r_is_interrupted(endless, graded):
    found = graded(R.source(), of_r("drawn", endless))
    assert scores(found) == ALL | {"has_heights": 0}


@NEEDS_R
@pytest.mark.parametrize("last", ["tools::pskill(Sys.getpid(), 9)", ".Internal(quit('no', 0, F))"])
def test_r_that_ends_is_called_by_its_name(last, graded):
    found = graded(R.source(), of_r("drawn", last))
    assert scores(found) == ALL | {"has_heights": 0}
    assert notes(found, "has_heights")[SAID].startswith("R itself ended in this cell")


@NEEDS_R
@pytest.mark.parametrize(("shown", "instead"), [("2", "stop()"), ("1000", "4")])
def test_what_an_answer_shows_as_a_result_is_no_partial_credit(shown, instead, graded):
    forged = """
    spread <- function(x) {
        for (frame in sys.frames()) {
            if (exists("kernel", frame, inherits = FALSE)) kernel <- get("kernel", frame)
            if (exists("request", frame, inherits = FALSE)) request <- get("request", frame)
        }
        content <- list(data = list("text/plain" = "SHOWN"), execution_count = 1L,
                        metadata = setNames(list(), character()))
        kernel$send_response("execute_result", request, "iopub", content)
        INSTEAD
    }"""
    forged = forged.replace("SHOWN", shown).replace("INSTEAD", instead)
    found = scores(graded(R.source(), of_r("spread", forged)))
    assert found["spreads"] == found["is_one_number"] == 0


@NEEDS_R
def test_what_r_writes_on_standard_error_costs_nothing(graded):
    told = of_r("totals", "totals <- function(x) {\n    warning('slow')\n" + AGGREGATE + "\n}")
    assert scores(graded(R.source(), told)) == ALL


def test_students_read_what_was_shown_where_no_hidden_test_had_been(graded):
    hidden = "says open\n### BEGIN HIDDEN TESTS\nsays unguessable\nfalse\n### END HIDDEN TESTS"
    tells = 'says() {\n    echo "$1" >> told.txt\n    cat told.txt\n}'
    lab = of_shell(
        cell(tells, "answer", solution=True),
        cell(hidden, "hidden", points=1),
        cell("cat told.txt"),
        cell("says last; false", "open", points=1),
        cell("says last", "passes", points=1),
    )
    found = graded(lab, lab)
    assert scores(found) == {"hidden": 0, "open": 0, "passes": 1}
    shown = ["".join(o.text for o in c.outputs if "text" in o) for c in found.cells]
    assert shown == ["", "open\n", "open\n", "open\nlast\n", "open\nlast\nlast\n"]
    assert notes(found, "open")[WHY] == "status 1"
    assert not any(c.metadata.get(NOTES, {}).get(MET) for c in found.cells)
