"""Filling in a released lab, and running answers: the same verdicts as nbgrader's, only sooner."""

import copy
import io
import json
import warnings
from dataclasses import replace

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograders.course.answers import runner
from autograders.course.answers.runner import (
    LABS,
    Verdict,
    failures,
    fill_in,
    problems,
    run_answers,
    show,
)
from autograders.course.answers.verdicts import changes, read, save
from autograders.course.misconceptions import Answer, AnswerError, collect

PERCENT = "def measure(array):\n    return 100 * (array == 0).mean()"
SIGNED = "def measure(array):\n    return (array <= 0).mean()"
LOOP = "def measure(array):\n    return sum(x == 0 for x in array.flat) / array.size"
CASES = {
    "percent": PERCENT,
    "signed": SIGNED,
    "a_loop": LOOP,
    "syntax_error": "def measure(array)\n    return 0",
    "unfinished": "def measure(array):\n    raise NotImplementedError('replace this line')",
    "exits": "def measure(array):\n    raise SystemExit",
    "returns_nothing": "def measure(array):\n    (array == 0).mean()",
    "warns": "import warnings\n" + LOOP.replace("return", "warnings.warn('slow'); return"),
    "prints": LOOP.replace("return", "print('measuring'); return"),
    "displays": LOOP.replace("return", "display(array); return"),
    "deletes_numpy": PERCENT + "\ndel np",
}


def answer(name, cells, fails=()):
    cells = {"measure": cells} if isinstance(cells, str) else cells
    return Answer("01_toy", name, "An idea.", cells, frozenset(fails))


# Filling in


@pytest.fixture
def released(toy_lab):
    released = copy.deepcopy(toy_lab)
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = "raise NotImplementedError"
    return released


def sources(notebook):
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def test_the_reference_fills_every_solution_cell(released, toy_lab):
    filled = sources(fill_in(released, toy_lab))
    assert filled["measure"] == (
        "def measure(array):\n    secret_sauce = array == 0\n    return secret_sauce.mean()"
    )
    assert filled["why_exact_zero"].startswith("Zero is exact; small is not.\n")
    assert filled["counts_zeros_only"] == sources(released)["counts_zeros_only"]
    assert sources(released)["measure"] == "raise NotImplementedError"


def test_an_answer_stands_in_for_the_reference(released, toy_lab):
    filled = sources(fill_in(released, toy_lab, {"measure": PERCENT}))
    assert filled["measure"] == PERCENT
    assert "measure(array):.0%" in filled["report"]


def test_a_grade_id_that_is_no_solution_cell_is_refused(released, toy_lab):
    with pytest.raises(AnswerError, match="no solution cell mesure; the lab has: measure, report"):
        fill_in(released, toy_lab, {"mesure": PERCENT})
    with pytest.raises(AnswerError, match="no solution cell is_a_fraction"):
        fill_in(released, toy_lab, {"is_a_fraction": ""})
    toy_lab.cells[2].metadata.nbgrader.grade_id = "renamed"
    with pytest.raises(AnswerError, match="measure is not in the source: release"):
        fill_in(released, toy_lab)


# Running


def test_verdicts_equal_those_of_nbgrader(course, nbgrader, toy_lab):
    nbgrader("generate_assignment", "toy")
    released = nbformat.read(course / "release" / "toy" / "01_toy.ipynb", as_version=4)
    for name, code in CASES.items():
        submission = course / "submitted" / name / "toy" / "01_toy.ipynb"
        submission.parent.mkdir(parents=True)
        nbformat.write(fill_in(released, toy_lab, {"measure": code}), submission)
    nbgrader("autograde", "toy")

    verdicts = run_answers(toy_lab, [answer(name, code) for name, code in CASES.items()])
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for name in CASES:
            submission = gradebook.find_submission_notebook("01_toy", "toy", name)
            graded = {grade.name: grade.auto_score for grade in submission.grades}
            del graded["why_exact_zero"]  # waits for a reader
            assert graded == {check: verdict.score for check, verdict in verdicts[name].items()}
    assert {sum(v.score for v in verdicts[name].values()) for name in CASES} >= {0, 3, 6}


def test_an_answer_changes_nothing_for_the_others(toy_lab):
    verdicts = run_answers(toy_lab, [answer("deletes_numpy", "del np"), answer("a_loop", LOOP)])
    assert not any(verdict.passed for verdict in verdicts["deletes_numpy"].values())
    assert all(verdict.passed for verdict in verdicts["a_loop"].values())
    assert all(verdict.passed for verdict in verdicts["reference"].values())


def test_an_answer_may_replace_cells_far_apart(toy_lab):
    both = {"report": 'def report(array):\n    return ""', "measure": SIGNED}
    verdicts = run_answers(toy_lab, [answer("both", both)])["both"]
    assert [name for name, verdict in verdicts.items() if not verdict.passed] == [
        "counts_zeros_only",
        "reports_a_percentage",
    ]
    assert verdicts["counts_zeros_only"].message == "AssertionError: negative numbers are not zero"


def test_cells_tagged_demo_are_left_out_unless_graded(toy_lab):
    demo = next(cell for cell in toy_lab.cells if "tags" in cell.metadata)
    demo.source = "def measure(array):\n    return None"
    assert all(v.passed for v in run_answers(toy_lab, [])["reference"].values())
    del demo.metadata["tags"]
    assert not run_answers(toy_lab, [])["reference"]["reports_a_percentage"].passed


def test_a_cell_that_never_ends_loses_its_own_points_only(toy_lab):
    slow = "def report(array):\n    while True:\n        pass"
    verdicts = run_answers(toy_lab, [answer("endless", {"report": slow})], timeout=1)["endless"]
    assert verdicts["counts_zeros_only"].passed
    assert verdicts["reports_a_percentage"] == Verdict(
        0, 1, "KeyboardInterrupt: no answer after 1 seconds"
    )


def test_an_answer_that_kills_its_process_keeps_what_it_had(toy_lab):
    deadly = {"report": "import os\ndef report(array):\n    os._exit(3)"}
    verdicts = run_answers(toy_lab, [answer("deadly", deadly), answer("a_loop", LOOP)])
    assert verdicts["deadly"]["counts_zeros_only"].passed
    assert verdicts["deadly"]["reports_a_percentage"] == Verdict(0, 1, "the process died")
    assert all(verdict.passed for verdict in verdicts["a_loop"].values())


def test_a_check_may_give_part_of_its_points(toy_lab):
    check = next(c for c in toy_lab.cells if "measure(np.ones" in c.source)
    check.source = "3 * float(measure(np.array([0.0, 0.0, 1.0])))"
    assert run_answers(toy_lab, [])["reference"]["counts_zeros_only"] == Verdict(
        2.0, 3.0, "scored 2 of 3"
    )
    check.source += ";"  # a semicolon hides the value, from nbgrader too
    assert run_answers(toy_lab, [])["reference"]["counts_zeros_only"].passed


def test_an_answer_that_does_not_fit_is_refused_before_anything_runs(toy_lab):
    with pytest.raises(AnswerError, match="replaces mesure"):
        run_answers(toy_lab, [answer("typo", {"mesure": PERCENT})])


# The kill matrix


@pytest.fixture
def matrix(toy_lab):
    given = [
        answer("percent", PERCENT, ["is_a_fraction", "counts_zeros_only", "reports_a_percentage"]),
        answer("survivor", LOOP, ["counts_zeros_only"]),
        answer("signed", SIGNED, ["reports_a_percentage"]),
        answer("wronged", SIGNED),
    ]
    return given, run_answers(toy_lab, given)


def test_problems_are_told_in_a_sentence_each(matrix):
    assert problems(*matrix) == [
        "survivor passes counts_zeros_only, which is there to catch it",
        "signed fails, unannounced, counts_zeros_only: "
        "AssertionError: negative numbers are not zero",
        "signed passes reports_a_percentage, which is there to catch it",
        "wronged is right but fails counts_zeros_only: "
        "AssertionError: negative numbers are not zero",
    ]


def test_a_reference_that_loses_points_is_a_problem():
    verdicts = {"reference": {"is_a_fraction": Verdict(0, 2, "AssertionError: 50")}}
    assert problems([], verdicts) == ["the reference fails is_a_fraction: AssertionError: 50"]


def test_part_of_the_points_is_held_to_the_part_that_was_said():
    scored = {"reference": {"counts": Verdict(4, 4)}, "fair": {"counts": Verdict(3, 4, "3 of 4")}}
    fair = replace(answer("fair", LOOP, ["counts"]), points={"counts": 3})
    assert problems([fair], scored) == []
    for points, said in (({"counts": 2}, "not 2"), ({}, "not 0")):
        [sentence] = problems([replace(fair, points=points)], scored)
        assert sentence == f"fair gets 3 points for counts, {said}"
    lost = {**scored, "fair": {"counts": Verdict(0, 4, "AssertionError: none")}}
    assert problems([fair], lost) == ["fair gets 0 points for counts, not 3"]


def test_the_table_has_a_row_for_each_answer(matrix):
    console = Console(width=100, record=True, file=io.StringIO())
    show("01_toy", *matrix, console)
    rows = [line.split() for line in console.export_text().splitlines()]
    assert ["survivor", ".", "O", "."] in rows
    assert ["signed", ".", "X", "O"] in rows
    assert ["2", "counts_zeros_only", "(3)"] in rows


def write_lab(tmp_path, monkeypatch, toy_lab):
    path = tmp_path / "01_toy.ipynb"
    nbformat.write(toy_lab, path)
    monkeypatch.setattr(runner, "LABS", [path])


@pytest.mark.parametrize(("fails", "status"), [(["counts_zeros_only"], 0), ([], 1)])
def test_the_command_fails_if_anything_is_amiss(tmp_path, monkeypatch, toy_lab, fails, status):
    write_lab(tmp_path, monkeypatch, toy_lab)
    monkeypatch.setattr(runner, "collect", lambda lab: [answer("signed", SIGNED, fails)])
    assert runner.main() == status


def test_the_command_tells_what_changed_since_verdicts_were_stored(
    tmp_path, monkeypatch, toy_lab, capsys
):
    write_lab(tmp_path, monkeypatch, toy_lab)
    (tmp_path / "01_toy").mkdir()
    monkeypatch.setattr(runner, "read", lambda lab: read(lab, tmp_path))
    monkeypatch.setattr(runner, "save", lambda lab, found: save(lab, found, tmp_path))
    signed = [answer("signed", SIGNED, ["counts_zeros_only"])]
    monkeypatch.setattr(runner, "collect", lambda lab: signed)

    def changed(**options):
        status = runner.main(**options)
        lines = capsys.readouterr().out.splitlines()
        return status, [line for line in lines if line.startswith("changed: ")]

    new = [
        f"changed: {name}: new, fails {check}"
        for name, check in (
            ("reference", "nothing"),
            ("signed", "counts_zeros_only"),
        )
    ]
    assert changed() == (0, new)
    assert changed(keep=True) == (0, new)
    assert changed() == (0, [])
    assert json.loads((tmp_path / "01_toy" / "verdicts.json").read_text()) == {
        "reference": {},
        "signed": {"counts_zeros_only": "AssertionError: negative numbers are not zero"},
    }
    percent = [answer("signed", PERCENT, ["is_a_fraction", "counts_zeros_only"])]
    monkeypatch.setattr(runner, "collect", lambda lab: percent)
    told = "changed: signed: now fails is_a_fraction, reports_a_percentage"
    assert changed() == (1, [told])
    monkeypatch.setattr(runner, "collect", lambda lab: [])
    assert changed() == (0, ["changed: signed: gone"])


def test_the_command_names_the_labs_that_there_are(tmp_path, monkeypatch, toy_lab, capsys):
    write_lab(tmp_path, monkeypatch, toy_lab)
    assert runner.main(["3_toy"]) == 2
    assert capsys.readouterr().out == "no lab 3_toy; there are: 01_toy\n"


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_every_wrong_answer_loses_and_every_right_one_keeps_its_points(lab):
    given = collect(lab.stem)
    verdicts = run_answers(nbformat.read(lab, as_version=4), given)
    for change in changes(read(lab.stem), failures(verdicts)):
        warnings.warn(f"{lab.stem}: {change}; see `python -m autograders check`", stacklevel=1)
    assert problems(given, verdicts) == []
