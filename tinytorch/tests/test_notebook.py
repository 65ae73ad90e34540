"""An error's message stands above its traceback in notebooks, and nowhere else is anything new."""

import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tinytorch.notebook import put_messages_first, turn_around


def lines(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip("\n").split("\n")


@pytest.fixture(params=["nocolor", "linux"])
def shell(request, capsys):
    """Return a function that runs code as a cell and returns the lines that it shows."""
    made = InteractiveShell(colors=request.param)
    turn_around(made)
    turn_around(made)  # as when the package is imported anew

    def run(code):
        made.run_cell(code)
        return lines(capsys.readouterr().out)

    return run


def test_a_deep_error_says_first_what_is_wrong(shell):
    said, empty, *where = shell("from tinytorch import Linear\nLinear(4, 5)([1.0])")
    assert said == "TypeError: Linear(4, 5) expects a Tensor, got list; wrap it: Tensor(x)"
    assert empty == ""
    assert where[2] == "----> 2 Linear(4, 5)([1.0])"
    assert "in check_input" in "\n".join(where)
    assert said not in where


def test_a_message_of_several_lines_stays_whole(shell):
    assert shell("assert 1 == 2, 'one\\ntwo'")[:3] == ["AssertionError: one", "two", ""]


def test_of_errors_that_led_to_each_other_the_last_comes_first_and_all_are_shown(shell):
    shown = shell("try:\n  1 / 0\nexcept ZeroDivisionError as e:\n  raise ValueError('x') from e")
    assert shown[0] == "ValueError: x"
    assert "ZeroDivisionError: division by zero" in shown
    assert "The above exception was the direct cause of the following exception:" in shown


@pytest.mark.parametrize(
    "code",
    ["x = (", "raise SystemExit(1)", "assert False", "class E(Exception):\n  __str__ = 3\nraise E"],
    ids=["syntax", "exit", "no message", "a message that fails"],
)
def test_what_has_no_message_to_show_is_shown_as_ever(code, shell, capsys):
    turned = shell(code)
    InteractiveShell(colors="nocolor").run_cell(code)
    assert turned == lines(capsys.readouterr().out)


@pytest.mark.parametrize(("how", "turned"), [("autograde", False), ("validate", True), ("", True)])
def test_nothing_changes_while_nbgrader_grades(how, turned, monkeypatch):
    made = InteractiveShell(colors="nocolor")
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    monkeypatch.setenv("NBGRADER_EXECUTION", how)
    put_messages_first()
    assert hasattr(made.InteractiveTB, "message_first") == turned
