"""The notebook lint: every rule has a notebook that breaks it, and only it."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from autograders.course import ROOT
from autograders.course.notebook_lint import (
    LARGEST,
    lint_assignment,
    lint_notebook,
    main,
    points,
    tidy,
)

INTRO, SETUP, ANSWER, TESTS, QUESTION, READ_ONLY = range(6)


HEAD = (
    "# Sparsity\n\n*Lab 1 · about 15 minutes, 10 of them for the exercises · 5 points*\n\n"
    "### Exercise 1\n\n*Easy · 10 minutes · 3 points*"
)


def graded(grade_id, grade=False, solution=False, locked=False, **more):
    flags = {"schema_version": 3, "grade": grade, "solution": solution, "locked": locked}
    return {"nbgrader": flags | {"grade_id": grade_id} | more}


def good_notebook():
    """Two prose cells, an export, one cell of each kind that the course uses."""
    cells = [
        new_markdown_cell(f"{HEAD}\n\nA question.\n\n**How it is graded**: by its reason."),
        new_code_cell(
            "#| default_exp optimization.compression.sparsity\nprint('0.0 sparse')",
            outputs=[new_output("stream", name="stdout", text="0.0 sparse\n")],
        ),
        new_code_cell(
            "#| export\ndef half(x):\n"
            "    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
            metadata=graded("half", solution=True),
        ),
        new_code_cell(
            "assert half(2) == 1\n"
            "### BEGIN HIDDEN TESTS\nassert half(4) == 2\n### END HIDDEN TESTS",
            metadata=graded("half_is_half", grade=True, locked=True, points=3),
        ),
        new_markdown_cell(
            "Because halves add up.\n\n**Scoring guide**: two points for adding.",
            metadata=graded("why_half", grade=True, solution=True, points=2),
        ),
        new_code_cell("half(3)", metadata=graded("figure_of_halves", locked=True)),
    ]
    code = (cell for cell in cells if cell.cell_type == "code")
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    cells[READ_ONLY].outputs = [
        new_output("execute_result", {"text/plain": "1.5"}, execution_count=4)
    ]
    for name, cell in zip("abcdef", cells, strict=True):
        cell.id = f"cell-{name}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )


def save(nb, path):
    # As JSON, because nbformat.write would repair some of what is broken here.
    path.write_text(json.dumps(nb), encoding="utf-8")
    return path


def said(folder, name=None, more="", **points):
    """Write what the labs in a folder are, and what each is worth; return the folder."""
    worth = "".join(f"{lab} = {number}\n" for lab, number in points.items())
    texts = f'name = "{name or folder.name}"\nsubject = "halves"\nquestion = "how many?"\n'
    (folder / "assignment.toml").write_text(f"{texts}{more}\n[points]\n{worth}")
    return folder


def flags(nb, index):
    return nb.cells[index].metadata["nbgrader"]


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def printed(text, name="stdout"):
    return lambda nb: nb.cells[SETUP].outputs.append(stream(text, name))


def sourced(index, text):
    return lambda nb: nb.cells[index].update(source=text)


def instead(old, new):
    return sourced(INTRO, f"{HEAD.replace(old, new)}\n\nHow it is graded")


def flagged(index, **changes):
    return lambda nb: flags(nb, index).update(changes)


def without(index, *lines):
    def cut(nb):
        cell = nb.cells[index]
        cell.source = "\n".join(s for s in cell.source.splitlines() if s.strip() not in lines)

    return cut


def twice(index, line):
    def double(nb):
        cell = nb.cells[index]
        cell.source = cell.source.replace(line, f"{line}\n{line}")

    return double


def forget_outputs(nb):
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def fail(nb):
    nb.cells[SETUP].outputs = [new_output("error", ename="KeyError", evalue="7", traceback=["7"])]


def show_html(nb):
    nb.cells[SETUP].outputs.append(
        new_output("display_data", {"text/html": "<b>/Users/ada/course</b>"})
    )


def turn_into_task(nb):
    nb.cells[QUESTION].metadata = graded("why_half", locked=True, task=True, points=2)
    nb.cells[QUESTION].source = "Halve something."
    answer = new_markdown_cell("4\n\nScoring guide: 4", id="g")
    answer.metadata = graded("q", grade=True, solution=True, points=1)
    nb.cells.append(answer)


BROKEN = {
    # what happened to the notebook: (how, the cell to blame, what the finding says)
    "old format": (lambda nb: nb.update(nbformat_minor=4), None, "format 4.4, not 4.5"),
    "no cell id": (lambda nb: nb.cells[ANSWER].pop("id"), ANSWER, "no id"),
    "no cells": (lambda nb: nb.pop("cells"), None, "missing an expected key: cells"),
    "schema": (lambda nb: nb.cells[SETUP].pop("outputs"), None, "'outputs' is a required"),
    "other kernel": (
        lambda nb: nb.metadata.kernelspec.update(name="ada-env"), None, "'ada-env', not 'python3'"
    ),
    "no kernel": (lambda nb: nb.metadata.pop("kernelspec"), None, "None, not 'python3'"),
    "widget state": (lambda nb: nb.metadata.update(widgets={}), None, "widgets"),
    "python version": (
        lambda nb: nb.metadata.language_info.update(version="3.11.7"), None, "language_info.version"
    ),
    "timestamps": (lambda nb: nb.cells[SETUP].metadata.update(execution={}), SETUP, "execution"),
    "no outputs": (forget_outputs, None, "no cell has an output"),
    "out of order": (
        lambda nb: nb.cells[ANSWER].update(execution_count=7),
        ANSWER, "run as 7, but is code cell 2"
    ),
    "not run": (lambda nb: nb.cells[TESTS].update(execution_count=None), TESTS, "not run"),
    "error output": (fail, SETUP, "is a KeyError"),
    "warning": (printed("DeprecationWarning", "stderr"), SETUP, "stderr"),
    "colours": (printed("\x1b[31mred\x1b[0m"), SETUP, "terminal colours"),
    "home": (printed("in /home/ada/x.py"), SETUP, "'/home/ada/x.py'"),
    "home in HTML": (show_html, SETUP, "'/Users/ada/course'"),
    "temporary": (printed("/tmp/x"), SETUP, "'/tmp/x'"),
    "Windows": (printed(r"C:\Users\ada"), SETUP, "one machine"),
    "checkout": (printed(f"{ROOT}/tinytorch"), SETUP, "one machine"),
    "old schema": (flagged(ANSWER, schema_version=2), ANSWER, "schema 2, not 3"),
    "missing flag": (lambda nb: flags(nb, ANSWER).pop("locked"), ANSWER, "'locked' is a required"),
    "no grade id": (lambda nb: flags(nb, TESTS).pop("grade_id"), TESTS, "does not have a grade_id"),
    "empty grade id": (flagged(TESTS, grade_id=""), TESTS, "grade_id is empty"),
    "camel case": (flagged(TESTS, grade_id="halfIsHalf"), TESTS, "'halfIsHalf' is not lower_snake"),
    "generated id": (flagged(TESTS, grade_id="cell-4f1c"), TESTS, "'cell-4f1c' is not lower_snake"),
    "unlocked tests": (flagged(TESTS, locked=False), TESTS, "students could edit"),
    "locked solution": (flagged(ANSWER, locked=True), ANSWER, "no student could write"),
    "no duty": (flagged(READ_ONLY, locked=False), READ_ONLY, "no duty"),
    "task": (turn_into_task, QUESTION, "task cell"),
    "no points": (lambda nb: flags(nb, TESTS).pop("points"), TESTS, "does not have points"),
    "zero points": (flagged(TESTS, points=0), TESTS, "no points"),
    "no markers": (without(ANSWER, "### BEGIN SOLUTION", "### END SOLUTION"), ANSWER, "without"),
    "no end": (without(ANSWER, "### END SOLUTION"), ANSWER, "BEGIN SOLUTION` without `### END"),
    "no begin": (without(TESTS, "### BEGIN HIDDEN TESTS"), TESTS, "END HIDDEN TESTS` without"),
    "nested": (twice(ANSWER, "### BEGIN SOLUTION"), ANSWER, "second `### BEGIN SOLUTION`"),
    "open hidden tests": (without(TESTS, "### END HIDDEN TESTS"), TESTS, "without `### END HIDDEN"),
    "loose solution": (
        sourced(SETUP, "#| default_exp a\n### BEGIN SOLUTION\n### END SOLUTION"),
        SETUP, "not a solution cell",
    ),
    "loose hidden tests": (
        sourced(READ_ONLY, "### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"),
        READ_ONLY, "not an autograder tests cell",
    ),
    "no question": (lambda nb: nb.cells.pop(QUESTION), None, "no manually graded question"),
    "no criteria": (sourced(INTRO, HEAD), QUESTION, "does not say how it is graded"),
    "no guide": (sourced(QUESTION, "Halves add up."), QUESTION, "no scoring guide"),
    "guide shown": (
        sourced(INTRO, f"{HEAD}\n\nHow it is graded\n\nScoring guide: all of it"),
        INTRO, "shows a scoring guide",
    ),
    "no effort": (sourced(INTRO, "# Sparsity\n\nHow it is graded"), None, "how long the lab"),
    "other minutes": (instead("minutes, 10", "minutes, 12"), None, "exercises, which say 10"),
    "no time to read": (instead("about 15", "about 10"), None, "which its exercises alone take"),
    "other points": (instead("5 points", "6 points"), None, "6 points, and its cells have 5"),
    "export to nowhere": (sourced(SETUP, "print('0.0 sparse')"), SETUP, "does not say where"),
    "too large": (printed("0" * LARGEST), None, "more than 1,000,000"),
}  # fmt: skip


def test_good_notebook_has_no_finding(tmp_path):
    assert lint_notebook(save(good_notebook(), tmp_path / "lab.ipynb")) == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken_notebook_has_exactly_the_finding(name, tmp_path):
    break_it, index, message = BROKEN[name]
    nb = good_notebook()
    break_it(nb)
    if name != "other points" and "cells" in nb:  # what a cell lost in worth is not the case here
        said = f"{points(nb):g} points"
        nb.cells[INTRO].source = nb.cells[INTRO].source.replace("5 points", said)
    (finding,) = lint_notebook(save(nb, tmp_path / "lab.ipynb"))
    assert message in finding.message
    assert finding.fix
    assert finding.path.name == "lab.ipynb"
    assert finding.position == (None if index is None else index + 1)


def test_repeated_cell_id_names_both_cells(tmp_path):
    nb = good_notebook()
    nb.cells[TESTS].id = nb.cells[ANSWER].id
    findings = lint_notebook(save(nb, tmp_path / "lab.ipynb"))
    assert [(f.position, f.cell_id) for f in findings] == [(3, "cell-c"), (4, "cell-c")]


@pytest.mark.parametrize(
    ("text", "message"),
    [("<<<<<<< HEAD\n{}\n", "not appear to be JSON"), ("{}", "format"), ("[]", "no notebook")],
)
def test_file_that_is_no_notebook(text, message, tmp_path):
    path = tmp_path / "lab.ipynb"
    path.write_text(text)
    (finding,) = lint_notebook(path)
    assert message in finding.message
    assert lint_assignment(said(tmp_path, lab=100)) == []


def test_finding_reads_as_one_sentence_of_place_and_fix(tmp_path, monkeypatch):
    nb = good_notebook()
    flags(nb, TESTS)["locked"] = False
    monkeypatch.chdir(tmp_path)
    (finding,) = lint_notebook(save(nb, tmp_path / "lab.ipynb"))
    assert str(finding) == (
        "lab.ipynb, cell 4 (id cell-d, grade id `half_is_half`): "
        'it holds tests that students could edit: it is unlocked. Fix: set "locked": true.'
    )


def renamed(prefix, points=(3, 2)):
    """A good notebook whose grade ids differ from other labs', with points to share out."""
    nb = good_notebook()
    for cell in nb.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] += prefix
    flags(nb, TESTS)["points"], flags(nb, QUESTION)["points"] = points
    return nb


def test_grade_id_of_another_lab(tmp_path):
    said(tmp_path, **{"01": 5, "02": 5, "03": 90}, more="unfinished = true")
    save(renamed("_a"), tmp_path / "01.ipynb")
    other = renamed("_b")
    flags(other, TESTS)["grade_id"] = "half_is_half_a"
    save(other, tmp_path / "02.ipynb")
    (finding,) = lint_assignment(tmp_path)
    assert finding.path.name == "02.ipynb"
    assert (finding.position, finding.grade_id) == (4, "half_is_half_a")
    assert "01.ipynb, cell 4" in finding.message


def test_grade_id_twice_in_one_lab(tmp_path):
    nb = renamed("", (95, 5))
    flags(nb, TESTS)["grade_id"] = "half"
    save(nb, said(tmp_path, **{"01": 100}) / "01.ipynb")
    (finding,) = lint_assignment(tmp_path)
    assert "01.ipynb, cell 3" in finding.message


UNFINISHED = "unfinished = true"


@pytest.mark.parametrize(
    ("points", "more", "shares", "wrong"),
    [
        ({"01": 40, "02": 60}, "", [(30, 10), (50, 10)], None),
        ({"01": 40, "02": 60}, UNFINISHED, [(30, 10)], None),
        ({"01": 39.5, "02": 60.5}, "", [(30, 9.5), (50, 10.5)], None),
        ({"01": 40, "02": 60}, "", [(30, 10)], "02 is not there."),
        ({"01": 40, "02": 60}, UNFINISHED, [(30, 10), (50, 10)], "every lab is there."),
        ({"01": 40, "02": 60}, "", [(30, 10), (50, 9)], "02 is worth 60 points, and its cells 59."),
        ({"01": 40, "02": 60}, UNFINISHED, [(30, 11)], "01 is worth 40 points, and its cells 41."),
        ({"01": 40, "02": 59}, "", [(30, 10), (50, 9)], "its labs are worth 99 points, not 100."),
        ({"01": 40, "03": 61}, UNFINISHED, [(30, 10)], "its labs are worth 101 points, not 100."),
        ({"01": 40, "03": 60}, UNFINISHED, [(30, 10), (1, 1)], "it does not know 02.ipynb."),
        ({"02": 60, "01": 40}, "", [(30, 10), (50, 10)], "its labs are in another order than"),
    ],
)
def test_labs_and_points_are_what_the_assignment_says(points, more, shares, wrong, tmp_path):
    said(tmp_path, more=more, **points)
    for number, share in enumerate(shares, start=1):
        save(renamed(f"_{number}", share), tmp_path / f"{number:02}.ipynb")
    messages = [finding.message for finding in lint_assignment(tmp_path)]
    assert len(messages) == (wrong is not None), messages
    assert wrong is None or messages[0].startswith(wrong)


def test_an_assignment_that_does_not_say_what_it_is(tmp_path):
    save(renamed("", (95, 5)), tmp_path / "01.ipynb")
    (finding,) = lint_assignment(tmp_path)
    assert finding.message.startswith("there is no assignment.toml in ")
    said(tmp_path, name="18_halves", **{"01": 100})
    (finding,) = lint_assignment(tmp_path)
    assert finding.path.name == "assignment.toml"
    assert finding.message == f"it is called '18_halves', its folder '{tmp_path.name}'."


def test_tidy_drops_surplus_metadata_and_nothing_else(tmp_path):
    nb = good_notebook()
    nb.metadata.widgets = {"state": {}}
    nb.metadata.language_info.version = "3.13.0"
    nb.cells[SETUP].metadata.execution = {"iopub.status.busy": "2025-11-25T09:00:00Z"}
    path = save(nb, tmp_path / "lab.ipynb")
    assert tidy(path)
    assert nbformat.read(path, as_version=4) == good_notebook()
    assert not tidy(path)


def test_command_prints_findings_and_fails(tmp_path, capsys):
    nb = good_notebook()
    nb.metadata.widgets = {}
    save(nb, said(tmp_path, more="unfinished = true", lab=5, then=95) / "lab.ipynb")
    assert main([tmp_path]) == 1
    printed = capsys.readouterr()
    assert "widgets" in printed.out
    assert "1 findings in 1 notebooks" in printed.err
    assert main([tmp_path], fix=True) == 0
    printed = capsys.readouterr().out
    assert "1 notebooks, 5 points, no findings" in printed
    assert f"{tmp_path.name} is unfinished: then will come" in printed


def test_command_fails_where_there_is_nothing_to_check(tmp_path, capsys):
    assert main([tmp_path]) == 1
    assert "no notebook in" in capsys.readouterr().err


def test_labs_of_this_course(capsys):
    assert main([Path(ROOT, "modules")]) == 0, capsys.readouterr().out
