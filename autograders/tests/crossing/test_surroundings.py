"""What a check puts in the place of something is what an answer meets, as long as it is there."""

import io
import math
import sys
import warnings
from contextlib import contextmanager, redirect_stdout

import pytest

from autograders.grading.crossing.errors import Refused
from autograders.tests.crossing.pair import pair

NOTEBOOK = """
import math
import warnings

runs = 0


def helper(x):
    return x + 1


def answer(x):
    return helper(x)


def root(x):
    return math.sqrt(x)


def question():
    return input("?")


def advance():
    global runs
    runs += 1


def hello():
    print("hello")


def warn():
    warnings.warn("old")
    return len(warnings.filters)
"""


@contextmanager
def check(names=(), back=(), places=(), **namespace):
    """Look on as a check would, whose names are those of the returned dictionary."""
    with pair(NOTEBOOK) as far:
        given = {"names": names, "back": back, "places": places}
        around = far.peer.surroundings
        namespace |= {name: getattr(far, name) for name in (*names, *back)}
        around.enter(namespace, given)
        around.streams = sys.stdout, sys.stderr
        yield far, namespace


def test_a_name_that_is_bound_anew():
    with check(names=["helper"]) as (far, names):
        answer, kept = far.answer, names["helper"]
        assert answer(1) == 2
        names["helper"] = lambda x: 10 * x
        assert answer(1) == 10
        names["helper"] = kept
        assert answer(1) == 2
        assert far.helper is kept


def test_a_name_that_is_deleted():
    with check(names=["helper"]) as (far, names):
        answer = far.answer
        del names["helper"]
        with pytest.raises(NameError):
            answer(1)


def test_a_name_that_is_not_shared_stays_the_check_s():
    with check(helper=None) as (far, _):
        assert far.answer(1) == 2


def test_an_attribute_of_a_module(monkeypatch):
    with check(places=["math.sqrt", "builtins.input", "no.such.place"]) as (far, _):
        root, question = far.root, far.question
        assert root(4) == 2
        with monkeypatch.context() as patch:
            patch.setattr(math, "sqrt", lambda x: "patched")
            patch.setattr("builtins.input", lambda prompt: f"typed after {prompt}")
            assert root(4) == "patched"
            assert question() == "typed after ?"
            patch.delattr(math, "sqrt")
            with pytest.raises(AttributeError):
                root(4)
        assert root(4) == 2


def test_a_global_that_an_answer_binds_anew():
    with check(back=["runs"], names=["runs"]) as (far, names):
        advance = far.advance
        advance()
        assert names["runs"] == 1
        names["runs"] = 10
        advance()
        assert names["runs"] == 11


def test_what_is_printed_into_a_redirected_stream_in_order():
    with check() as (far, _):
        hello = far.hello
        with redirect_stdout(io.StringIO()) as text:
            print("first")
            hello()
            print("last")
        hello()
        assert text.getvalue() == "first\nhello\nlast\n"


def test_an_answer_adds_no_name_that_comes_back():
    with check(names=["helper"]) as (far, _):
        theirs = far._peer.surroundings
        with pytest.raises(Refused):
            theirs.back = {"helper": None}
        far.peer.ended = None  # so that the conversation can be ended as ever


def test_what_is_warned_of_is_for_the_check_to_say_as_long_as_it_runs():
    with check() as (far, _), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = far.warn()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UserWarning, match="old"):
                far.warn()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", "new")
            assert far.warn() == before + 1
        assert far.warn() == before
