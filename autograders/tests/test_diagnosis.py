"""Diagnosis: exact explanations, silence otherwise, and a sentence on the student's own page."""

import re
from dataclasses import replace

import nbformat
import pytest
from nbgrader.apps import GenerateFeedbackApp, NbGraderAPI

from autograders.course.answers import diagnosis, precision
from autograders.course.answers.diagnosis import (
    agreed,
    comments,
    diagnose,
    explain,
    failures,
    known,
    section,
    unsure,
)
from autograders.course.answers.runner import LABS
from autograders.course.misconceptions import Answer
from autograders.tests import synthetic_class
from autograders.tests.conftest import cell

FRACTION = "AssertionError: a fraction, not a percentage"
SIGNS = "AssertionError: negative numbers are not zero"
TEXT = "AssertionError: #% zero"  # as it is stored: with numbers blotted out


def mistake(name, solution, **left):
    answer = Answer("01_toy", name, f"Idea of {name}.", {solution: ""}, frozenset(left))
    return answer, left


PERCENT = mistake("percent", "measure", is_a_fraction=FRACTION, counts_zeros_only=SIGNS)
SIGNED = mistake("signed", "measure", counts_zeros_only=SIGNS)
CLIPPED = mistake("clipped", "measure", counts_zeros_only="AssertionError: # is not #")
DOUBLED = mistake("doubled", "report", reports_a_percentage=TEXT)
BARE = mistake("bare", "report", reports_a_percentage=TEXT)


@pytest.fixture
def mistakes(monkeypatch):
    given = [PERCENT, SIGNED, CLIPPED, DOUBLED]
    monkeypatch.setattr(diagnosis, "known", lambda lab: given)
    return given


def named(answers):
    return [answer.name for answer in answers]


# Which mistakes


def test_one_mistake_is_recognised_by_all_that_it_fails(mistakes):
    assert named(diagnose("01_toy", {"is_a_fraction", "counts_zeros_only"})) == ["percent"]
    assert diagnose("01_toy", {"is_a_fraction"}) == []
    assert diagnose("01_toy", {"is_a_fraction", "reports_a_percentage"}) == []
    assert diagnose("01_toy", set()) == []
    assert diagnose("01_toy", {"a_check_that_nobody_knows"}) == []


def test_mistakes_in_different_answers_combine(mistakes):
    failed = {"is_a_fraction", "counts_zeros_only", "reports_a_percentage"}
    assert named(diagnose("01_toy", failed)) == ["percent", "doubled"]


def test_one_answer_cannot_be_wrong_in_two_ways_at_once():
    pair = [mistake("one", "measure", a="x"), mistake("two", "measure", b="x")]
    assert explain(pair, {"a", "b"}) == []


def test_the_fewest_mistakes_are_preferred():
    whole = mistake("whole", "measure", a="x", b="y")
    halves = [mistake("half", "report", a="x"), mistake("other_half", "draw", b="y")]
    assert list(map(named, explain([*halves, whole], {"a", "b"}))) == [["whole"]]


def test_what_a_check_said_tells_mistakes_apart_but_for_numbers(mistakes):
    assert diagnose("01_toy", {"counts_zeros_only"}) == []  # signed, or clipped
    assert named(diagnose("01_toy", {"counts_zeros_only": SIGNS})) == ["signed"]
    said = {"counts_zeros_only": "AssertionError: 0.5 is not 0.25"}
    assert named(diagnose("01_toy", said)) == ["clipped"]
    assert diagnose("01_toy", {"counts_zeros_only": "NameError: name 'x' is not defined"}) == []


def test_two_ideas_with_one_pattern_name_the_answer_and_not_an_idea(mistakes):
    mistakes.append(BARE)
    assert diagnose("01_toy", {"reports_a_percentage"}) == []
    assert unsure("01_toy", {"reports_a_percentage"}) == ["report"]
    both = {"is_a_fraction", "counts_zeros_only", "reports_a_percentage"}
    assert named(diagnose("01_toy", both)) == ["percent"]
    assert unsure("01_toy", both) == ["report"]
    assert unsure("01_toy", {"is_a_fraction"}) == []


def test_every_stored_mistake_is_recognised_or_shares_its_traces_with_another():
    found = 0
    for lab in (path.stem for path in LABS):
        for answer, left in known(lab):
            explanations = explain(known(lab), left)
            assert [answer.name] in list(map(named, explanations))
            assert named(agreed(explanations)) in ([], [answer.name])
            found += bool(agreed(explanations))
    assert found > 100


def test_held_out_combinations_are_named_truly():
    tallies = precision.measure([path.stem for path in LABS[:3]])
    for kind in ("2 mistakes", "3 mistakes"):
        assert tallies[kind].precision > 0.99
        assert tallies[kind].coverage > 0.6
    assert tallies["1 unknown"].silent > 0.8 * tallies["1 unknown"].submissions


def test_a_pair_that_is_run_is_named_by_what_it_fails(toy_lab, tmp_path, monkeypatch, mistakes):
    path = tmp_path / "01_toy.ipynb"
    nbformat.write(toy_lab, path)
    monkeypatch.setattr(precision, "LABS", [path])
    signed = "def measure(array):\n    return (array <= 0).mean()"
    doubled = 'def report(array):\n    return "100% zero"'
    group = [
        (replace(answer, cells={cell: code}), left)
        for (answer, left), cell, code in (
            (SIGNED, "measure", signed),
            (DOUBLED, "report", doubled),
        )
    ]
    monkeypatch.setattr(precision, "known", lambda lab: group)
    tally = precision.measure(["01_toy"], runs=1)["2 mistakes, run"]
    assert (tally.submissions, tally.said, tally.true) == (1, 2, 2)


# From a notebook


def error(name, text):
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[])


@pytest.fixture
def graded(toy_lab):
    """Return a function that gives the toy lab with outputs in its checks."""

    def graded(**outputs):
        for made in toy_lab.cells:
            name = made.metadata.get("nbgrader", {}).get("grade_id")
            if name in outputs:
                made.outputs = [outputs[name]]
        return toy_lab

    return graded


def test_failures_are_what_nbgrader_takes_points_for(graded):
    notebook = graded(
        is_a_fraction=error("AssertionError", ""),
        counts_zeros_only=nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        reports_a_percentage=nbformat.v4.new_output("stream", name="stdout", text="hello"),
        measure=error("ValueError", "in an answer, which is no check"),
    )
    assert failures(notebook) == {"is_a_fraction": "AssertionError"}


@pytest.mark.parametrize(
    "fault", ["JudgeLost", "NoAnswer", "NotJudged", "NotReadable", "NotRun", "Timeout"]
)
def test_a_run_that_was_cut_short_says_nothing_about_ideas(graded, mistakes, fault):
    failed = {"counts_zeros_only": error("AssertionError", "negative numbers are not zero")}
    assert comments(graded(**failed), "01_toy").keys() == {"measure"}
    notebook = graded(**failed, is_a_fraction=error(fault, "A person will look."))
    with pytest.raises(LookupError, match="is_a_fraction"):
        failures(notebook)
    assert comments(notebook, "01_toy") == {}


def test_the_section_is_the_heading_above(toy_lab):
    heading = "## 2 · Measuring\n\n```python\n## no heading\n```\n\n### Exercise `measure`"
    toy_lab.cells.insert(2, cell(heading, kind="markdown"))
    assert section(toy_lab, "measure") == "2 · Measuring, Exercise `measure`"
    toy_lab.cells.insert(3, cell("### Exercise again", kind="markdown"))
    assert section(toy_lab, "measure") == "2 · Measuring, Exercise again"
    del toy_lab.cells[3]
    assert section(toy_lab, "no_such_cell") == ""
    toy_lab.cells[2].source = "only prose"
    assert section(toy_lab, "measure") == ""


def test_a_section_can_be_named_for_every_answer_of_the_labs():
    for lab in LABS:
        notebook = nbformat.read(lab, as_version=4)
        for answer, _ in known(lab.stem):
            assert all(section(notebook, name) for name in answer.cells), answer.name


# On the student's page


def test_the_sentence_stands_beside_the_answer_after_the_graders_own(
    course, toy_lab, mistakes, monkeypatch
):
    mistakes.append(BARE)
    toy_lab.cells.insert(2, cell("## 1 · Zeros\n\n### Exercise 1 · `measure`", kind="markdown"))
    said = {"counts_zeros_only": SIGNS, "reports_a_percentage": "AssertionError: 100% zero"}
    right, unfinished = {}, {"counts_zeros_only": "NotImplementedError: replace this line"}
    work = {"ada": said, "bob": right, "eve": unfinished}
    gradebook = synthetic_class.release(course, "toy")
    with gradebook:
        labs = {s: {"01_toy": failed, "02_toy": None} for s, failed in work.items()}
        synthetic_class.hand_in(gradebook, "toy", labs)
        for student, failed in work.items():
            synthetic_class.write_graded(course, "toy", student, "01_toy", failed, toy_lab)
        comment = gradebook.find_comment("measure", "01_toy", "toy", "ada")
        comment.manual_comment = "Nicely written, Ada."
        gradebook.db.commit()

    app = GenerateFeedbackApp()
    app.initialize([])
    outcome = NbGraderAPI(config=app.config).generate_feedback("toy")
    assert outcome["success"], outcome
    pages = {s: (course / f"feedback/{s}/toy/01_toy.html").read_text() for s in work}
    told = [re.sub("<.*?>", "", c) for c in re.findall("<b>Comments:.*?</div>", pages["ada"], re.S)]
    assert len(told) == 2
    assert told[0].index("Nicely written, Ada.") < told[0].index("Idea of signed.")
    assert "Read again: 1 · Zeros, Exercise 1 · measure." in told[0]
    assert "several known mistakes" in told[1]
    assert "Idea of" not in told[1]
    for silent in ("bob", "eve"):
        assert "Comments:" not in pages[silent]
    with gradebook:
        comment = gradebook.find_comment("measure", "01_toy", "toy", "ada")
        assert (comment.manual_comment, comment.auto_comment) == ("Nicely written, Ada.", None)
