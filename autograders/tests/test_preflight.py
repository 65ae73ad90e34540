"""Checks that cannot be judged apart are named, and may be run beside the answer."""

import nbformat
import pytest
from rich.console import Console

from autograders import preflight
from autograders.tests.conftest import cell

APART = 'assert double(2) == 4, "twice"'
# It looks into the function, which does not cross.
INSIDE = 'assert double.__code__.co_argcount == 1, "one argument"'


@pytest.fixture
def course(tmp_path):
    def course(tags=()):
        cells = [
            cell("def double(x):\n    return 2 * x", "double", solution=True),
            cell(APART, "doubles", points=1),
            cell(INSIDE, "takes_one", points=1),
        ]
        cells[2].metadata["tags"] = list(tags)
        path = tmp_path / "modules" / "toy" / "01_toy.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return tmp_path

    return course


def run(root):
    console = Console(record=True, width=200)
    status = preflight.main("toy", root, console)
    return status, console.export_text()


def test_a_check_that_looks_into_an_answer_is_named(course):
    status, said = run(course())
    assert status == 1
    assert "01_toy, takes_one: AttributeError" in said
    assert "doubles" not in said
    assert 'the tag "beside"' in said


def test_it_may_run_beside_the_answer(course):
    status, said = run(course(tags=["beside"]))
    assert status == 0, said
    assert "2 checks, 1 of them beside the answer" in said


def test_an_assignment_that_is_not_there(course):
    assert run(course().parent)[0] == 2
