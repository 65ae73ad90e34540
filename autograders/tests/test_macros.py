"""Macros in formulas hold to the end of the page, and cost no more than a formula may."""

from time import process_time

import pytest

from autograders.grading.formulas import mathml
from autograders.grading.macros import LONGEST, Macros, Unread


@pytest.mark.parametrize(
    ("latex", "same"),
    [
        (r"\newcommand{\R}{\mathbb{R}} x \in \R", r"x \in \mathbb{R}"),
        (r"\newcommand\R{\mathbb R}\R^2", r"\mathbb R^2"),
        (r"\def\abs#1{|#1|}\abs{x}\abs y\abs\alpha", r"|x||y||\alpha|"),
        (r"\newcommand{\at}[2]{#2_{#1}}\at{i}{\at jx}", r"x_{j}_{i}"),
        (r"\DeclareMathOperator{\rank}{rank}\rank A", r"\operatorname{rank} A"),
        (r"\DeclareMathOperator*{\least}{arg\,min}\least_x", r"\operatorname{arg min}_x"),
        (r"\newcommand{\a}{x}\renewcommand{\a}{y}\a b", r"y b"),
        (r"\newcommand{\a}{x}\a b", r"x b"),
        (r"\newcommand{\a}{\alpha}\a b", r"\alpha b"),
        (r"\newcommand{\e}{\}}\e \{", r"\} \{"),
        (r"\providecommand*{\a}{x}\alpha", r"\alpha"),
    ],
)
def test_what_they_stand_for_is_shown(latex, same):
    assert mathml(latex, macros=Macros()) == mathml(same)
    assert mathml(same) is not None or "_{j}_{i}" in same


@pytest.mark.parametrize(
    "latex",
    [
        r"\def\a{\a\a}\a",
        r"\def\a{\b}\def\b{\a}\a",
        r"\def\a{" + "x" * 4000 + r"}\a\a",
        "".join(
            rf"\def\x{chr(97 + n)}{{{chr(92)}x{chr(98 + n)}\x{chr(98 + n)}}}" for n in range(20)
        )
        + r"\def\xu{y}\xa",
        r"\newcommand{\a}[2][1]{#1}\a",
        r"\newcommand{\a}[1]{#2}\a x",
        r"\newcommand{\a}{x",
        r"\newcommand{\a}[1]{#1}\a",
        r"\newcommand{x}{y}",
        r"\def\a#2#1{x}\a",
        r"\newenvironment{a}{b}{c}",
        "".join(rf"\def\z{chr(97 + n % 26) * (1 + n // 26)}{{}}" for n in range(201)),
    ],
)
def test_what_is_not_understood_or_too_much_stays_as_it_is_written(latex):
    start = process_time()
    assert mathml(latex, macros=Macros()) is None
    assert process_time() - start < 1


def test_without_a_page_nothing_is_remembered():
    assert mathml(r"\newcommand{\R}{\mathbb{R}} \R") is None


def test_a_formula_that_grows_is_given_up():
    macros = Macros()
    macros.applied(r"\def\a#1{#1#1#1#1#1#1#1#1#1#1}")
    with pytest.raises(Unread):
        macros.applied(r"\a{\a{\a{\a{x}}}}")
    assert len(macros.applied(r"\a{\a{\a{x}}}")) < LONGEST
