"""What a hidden part says when it fails is one sentence, with nothing filled in."""

import ast

import nbformat
import pytest

from autograders.course.answers.runner import LABS
from autograders.grading.judge.names import plain_python
from autograders.grading.judge.outcome import constant_text, reason
from autograders.grading.judge.parts import is_check, parts_of


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_every_hidden_assertion_has_a_sentence_of_its_own_words(lab):
    silent = []
    for cell in nbformat.read(lab, as_version=4).cells:
        for part in parts_of(cell.source) if is_check(cell) else ():
            for node in ast.walk(ast.parse(plain_python(part.source))):
                if part.hidden and isinstance(node, ast.Assert):
                    said = node.msg.value if isinstance(node.msg, ast.Constant) else ""
                    if not isinstance(said, str) or len(said.split()) < 3:
                        silent.append(f"{cell.metadata.nbgrader.grade_id}, line {node.lineno}")
    assert not silent


CHECK = 'assert f(x) == 2, f"{x} has {f(x)} zeros, which are not two"'
FAILED = {"outcome": "error", "ename": "AssertionError", "line": 1}


@pytest.mark.parametrize(
    ("openly", "shown"),
    [
        (True, "[0, 1] has 3 zeros, which are not two"),
        (False, "… has … zeros, which are not two"),
    ],
)
def test_what_a_student_reads_of_an_assertion(openly, shown):
    said = "[0, 1] has 3 zeros, which are not two"
    assert reason(FAILED | {"evalue": said}, CHECK, openly) == shown


@pytest.mark.parametrize(
    ("ename", "openly", "shown"),
    [
        ("ValueError", True, "ValueError: no 0.8125 here"),
        ("ValueError", False, "ValueError: the check could not be completed"),
        ("Secret0_8125", False, "an error: the check could not be completed"),
    ],
)
def test_what_a_student_reads_of_an_error(ename, openly, shown):
    failed = FAILED | {"ename": ename, "evalue": "no 0.8125 here"}
    assert reason(failed, CHECK, openly) == shown


def test_the_innermost_assertion_speaks():
    source = "def f():\n    assert g(), 'within'\n\nassert f(), 'around'"
    assert constant_text(source, 2) == "within"
    assert constant_text(source, 4) == "around"
    assert constant_text(source, 3) == ""
