"""The map of promises: how it is read, which holes are seen, and that no lab's has one."""

import re

import nbformat
import pytest

from autograders.course.answers.promises import PromiseError, problems, read
from autograders.course.answers.runner import LABS
from autograders.course.misconceptions import Answer, collect

MAP = """\
[[measure]]
promise = "A fraction, not a percentage."
check = "is_a_fraction"
wrong = "percent"

[[measure]]
promise = "Only zeros count."
check = "counts_zeros_only"
wrong = "signed"
hidden = ["negative numbers"]

[[report]]
promise = "In percent."
check = "reports_a_percentage"
wrong = "fraction"
"""
ANSWERS = [
    Answer("01_toy", name, "An idea.", {cell: "pass"}, frozenset(fails))
    for name, cell, *fails in [
        ("percent", "measure", "is_a_fraction"),
        ("signed", "measure", "counts_zeros_only"),
        ("fraction", "report", "reports_a_percentage"),
        ("a_loop", "measure"),
    ]
]


@pytest.fixture
def map_of(tmp_path):
    def map_of(text):
        (tmp_path / "01_toy").mkdir(exist_ok=True)
        (tmp_path / "01_toy/promises.toml").write_text(text, encoding="utf-8")
        return read("01_toy", tmp_path)

    return map_of


def test_a_map_without_a_hole(map_of, toy_lab):
    promises = map_of(MAP)
    assert [p.exercise for p in promises] == ["measure", "measure", "report"]
    assert promises[1].hidden == ("negative numbers",)
    assert problems(toy_lab, ANSWERS, promises) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[report]]", "[[repair]]", ["is no exercise", "report promises nothing"]),
        ('"is_a_fraction"', '"is_fast"', ["is_fast, which is no check", "is_a_fraction holds no"]),
        ('"percent"', '"per_mille"', ["per_mille, which is no known answer"]),
        ('"percent"', '"signed"', ["signed does not fail is_a_fraction"]),
        ('"percent"', '"a_loop"', ["a_loop does not fail is_a_fraction"]),
        ('"fraction"', '"percent"', ["percent does not fail reports_a_percentage"]),
        ('hidden = ["negative numbers"]', "", ['"negative numbers are .*" belongs to no promise']),
        ("negative", "positive", ['no hidden assertion begins "positive numbers"']),
        ('["negative numbers"]', '["neg", "negative"]', []),
        (
            'wrong = "signed"\n',
            'wrong = "signed"\nhidden = ["neg"]\n\n[[measure]]\npromise = "Again."\n'
            'check = "counts_zeros_only"\nwrong = "signed"\n',
            ['"negative numbers are not zero" belongs to 2 promises'],
        ),
    ],
)
def test_each_hole_is_told_in_a_sentence(map_of, toy_lab, old, new, told):
    found = problems(toy_lab, ANSWERS, map_of(MAP.replace(old, new)))
    for sentence in told:
        assert any(re.search(sentence, f) for f in found), found
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[report]]", "[report]", "report is no list; write \\[\\[report\\]\\]"),
        ('wrong = "percent"\n', "", "promise 1 of measure has promise, check; write"),
        ('wrong = "percent"', "wrong = 3", "promise 1 of measure"),
        ('wrong = "percent"', 'wrong = "percent"\nwhy = "so"', "promise 1 of measure"),
        ('hidden = ["negative numbers"]', 'hidden = "negative"', "promise 2 of measure"),
        ("[[report]]", "[[report", "01_toy/promises.toml: "),
    ],
)
def test_a_map_that_cannot_be_read_is_refused(map_of, old, new, told):
    assert old in MAP
    with pytest.raises(PromiseError, match=told):
        map_of(MAP.replace(old, new, 1))


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_every_promise_is_held_and_nothing_else_is_asked(lab):
    found = problems(nbformat.read(lab, as_version=4), collect(lab.stem), read(lab.stem))
    assert found == []
