"""Mutants of the reference answers: what is stored is true of the labs as they are."""

import random

import nbformat
import pytest

from autograders.course.answers.mutants import (
    Mutant,
    Result,
    digest,
    problems,
    read,
    reasons,
    run,
    save,
)
from autograders.course.answers.runner import LABS, solutions

SAMPLE = 6  # of each lab's mutants are run again
NONE = Mutant("measure", 3, 4, "    return None")
LESS = Mutant("measure", 3, 3, "    secret_sauce = array <= 0")
SAME = Mutant("measure", 4, 4, "    return secret_sauce.mean() + 0")
ENDLESS = Mutant("report", 3, 3, "    raise SystemExit")


def test_a_mutant_replaces_lines(toy_lab):
    source = solutions(toy_lab)["measure"]
    assert NONE.was(source) == "    secret_sauce = array == 0\n    return secret_sauce.mean()"
    assert NONE.put(source).splitlines() == [
        "def measure(array):",
        "    ### BEGIN SOLUTION",
        "    return None",
        "    ### END SOLUTION",
    ]


def test_the_first_check_that_notices_is_told(toy_lab):
    assert run(toy_lab, [NONE, LESS, SAME, ENDLESS]) == {
        NONE: "is_a_fraction",
        LESS: "counts_zeros_only",
        SAME: None,
        ENDLESS: "reports_a_percentage",
    }


def test_a_reference_that_is_wrong_itself_is_refused(toy_lab):
    toy_lab.cells[2].source = "def measure(array):\n    return 3"
    with pytest.raises(RuntimeError, match="the reference fails is_a_fraction"):
        run(toy_lab, [])


def test_results_are_stored_a_line_each(toy_lab, tmp_path):
    (tmp_path / "01_toy").mkdir()
    assert read("01_toy", tmp_path) is None
    result = Result("mutmut 3", digest(toy_lab), {LESS: "counts_zeros_only", SAME: None})
    save("01_toy", result, tmp_path)
    assert read("01_toy", tmp_path) == result
    text = (tmp_path / "01_toy/mutants.json").read_text()
    assert '["measure", 4, 4, "    return secret_sauce.mean() + 0", null]\n' in text


def test_what_nobody_explained_is_told(toy_lab, tmp_path):
    result = Result("mutmut 3", digest(toy_lab), {LESS: "counts_zeros_only", SAME: None})
    now, was = "return secret_sauce.mean() + 0", "return secret_sauce.mean()"
    assert problems(toy_lab, result, {}) == [f"measure: no check notices `{now}` for `{was}`"]

    (tmp_path / "01_toy").mkdir()
    (tmp_path / "01_toy/equivalent.toml").write_text(
        f'[[measure]]\nwas = "{was}"\nnow = "{now}"\nwhy = "Zero more is the same."\n'
    )
    explained = reasons("01_toy", tmp_path)
    assert problems(toy_lab, result, explained) == []
    assert problems(toy_lab, result, dict.fromkeys(explained, "")) == [
        f"measure: no reason why `{now}` is as good as `{was}`"
    ]
    noticed = Result("mutmut 3", digest(toy_lab), {SAME: "is_a_fraction"})
    assert problems(toy_lab, noticed, explained) == [
        f"measure: `{now}` for `{was}` is explained, and no survivor"
    ]


@pytest.mark.parametrize("number", [2, 5], ids=["the reference", "a check"])
def test_what_was_run_in_another_lab_is_told(toy_lab, number):
    result = Result("mutmut 3", digest(toy_lab), {})
    toy_lab.cells[number].source += "\n# and more"
    assert "make mutants LAB=" in problems(toy_lab, result, {})[0]


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_no_mutant_survives_unexplained(lab):
    notebook, result = nbformat.read(lab, as_version=4), read(lab.stem)
    assert problems(notebook, result, reasons(lab.stem)) == []
    assert {mutant.exercise for mutant in result.fails} == {*solutions(notebook)}

    sample = random.Random(lab.stem).sample(sorted(result.fails, key=str), SAMPLE)
    again = run(notebook, sample)
    noticed = {m: check is not None for m, check in again.items()}
    assert noticed == {m: result.fails[m] is not None for m in sample}
