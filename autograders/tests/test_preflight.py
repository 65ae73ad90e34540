"""Checks that cannot be judged apart are named, and may be run beside the answer."""

import nbformat
import pytest
from rich.console import Console

from autograders import preflight
from autograders.grading.settings import FILES
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
        path = tmp_path / "source" / "toy" / "01_toy.ipynb"
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
    assert "takes_one: the lab's own answers: 0 of 1 points apart, 1 in one Python" in said
    assert "AttributeError" in said
    assert "doubles" not in said
    assert 'the tag "beside"' in said


def test_it_may_run_beside_the_answer(course):
    status, said = run(course(tags=["beside"]))
    assert status == 0, said
    assert "2 checks, 1 of them beside the answer" in said


def test_an_assignment_that_is_not_there(course):
    assert run(course().parent)[0] == 2


def toy(folder, *cells, name="01_toy"):
    path = folder / "source" / "toy" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return folder


def test_what_else_an_instructor_should_know(tmp_path):
    answer = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
    root = toy(
        tmp_path,
        cell(f"open({str(tmp_path / 'secret.txt')!r}).close()"),
        cell(answer, "double", solution=True),
        cell("assert 1 + 1 == 2", "for_nothing", points=1),
        cell("assert double(1) == 3", "wrong", points=1),
        cell("assert double(2) == 4", "right", points=1),
    )
    (tmp_path / "secret.txt").write_text("not beside the lab")
    status, said = run(root)
    assert status == 1
    assert "cell 1: fails in the sandbox alone. FileNotFoundError" in said
    assert "for_nothing: an empty lab: 1 of 1 points for nothing" in said
    assert "wrong: the lab's own answers: 0 of 1 points in either way" in said
    assert "right:" not in said


def test_checks_that_are_worth_nothing_are_compared_too(tmp_path):
    answer = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
    root = toy(
        tmp_path,
        cell(answer, "double", solution=True),
        cell(APART, "doubles", points=0),
        cell(INSIDE, "takes_one", points=0),
        cell("assert double(2) == 5", "wrong", points=0),
    )
    status, said = run(root)
    assert status == 1
    assert "takes_one: the lab's own answers: fails apart, passes in one Python" in said
    assert "wrong: the lab's own answers: fails in either way" in said
    assert "doubles:" not in said


def test_a_hidden_part_that_keeps_what_an_answer_changes_later_is_explained(tmp_path):
    keep = "### BEGIN HIDDEN TESTS\nbefore = list(found)\n### END HIDDEN TESTS"
    compare = "### BEGIN HIDDEN TESTS\nassert found != before\n### END HIDDEN TESTS"
    root = toy(
        tmp_path,
        cell("### BEGIN SOLUTION\nfound = [1]\n### END SOLUTION", "one", solution=True),
        cell(keep, "keeps", points=1),
        cell("### BEGIN SOLUTION\nfound.append(2)\n### END SOLUTION", "two", solution=True),
        cell(compare, "compares", points=1),
    )
    status, said = run(root)
    assert status == 1
    assert "compares: the lab's own answers: 0 of 1 points apart, 1 in one Python" in said
    assert "Bind that name in a visible part." in said


@pytest.mark.parametrize(
    "answer",
    [
        "### BEGIN SOLUTION\nx = 1\n### BEGIN SOLUTION\n### END SOLUTION",
        "### BEGIN SOLUTION\nx = 1",
    ],
)
def test_a_lab_that_cannot_be_released_is_named_and_the_next_one_tried(tmp_path, answer):
    check = cell("assert x == 1", "one", points=1)
    toy(tmp_path, cell(answer, "x", solution=True), check, name="01_broken")
    root = toy(tmp_path, cell("x = 2", "x", solution=True), check, name="02_wrong")
    status, said = run(root)
    assert status == 1
    assert "01_broken: it cannot be released." in said
    assert "02_wrong: 1 checks" in said


AUTOTESTS = """
python3:
  dispatch: type({{snippet}})
  normalize: str({{snippet}})
  check: 'assert {{snippet}} == "{{value}}", "{{message}}"'
  templates:
    default:
      - {test: "{{snippet}}", fail: "another value"}
"""


def test_checks_that_nbgrader_makes_are_made_and_judged(tmp_path):
    answer = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
    root = toy(
        tmp_path,
        cell(answer, "double", solution=True),
        cell("### AUTOTEST double(2); double(3)", "doubles", points=1),
    )
    lab = root / "source" / "toy" / "01_toy.ipynb"
    notebook = nbformat.read(lab, as_version=4)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "", "language": "python"}
    nbformat.write(notebook, lab)
    (lab.parent / "autotests.yml").write_text(AUTOTESTS)
    assert run(root) == (0, "01_toy: 1 checks\n")  # an empty lab gets nothing, either


def test_the_environment_of_the_sandbox_is_there_in_both_ways(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "doubling.py").write_text("def double(x):\n    return 2 * x\n")
    root = toy(
        tmp_path,
        cell("import os\nimport doubling"),
        cell("assert doubling.double(2) == 4\nassert os.environ['WHERE'] == '1'", "one", points=1),
    )
    folder = str(tmp_path / "elsewhere")
    more = {"PYTHONPATH": folder, "WHERE": "1"}
    (tmp_path / FILES[0]).write_text(
        f"c = get_config()\nc.Sandbox.folders = [{folder!r}]\nc.Sandbox.environment = {more!r}\n"
    )
    status, said = run(root)
    assert "in one Python" not in said
    assert status == 0


def test_the_course_s_own_settings_are_used(tmp_path):
    root = toy(tmp_path, cell("assert True", "one", points=1))
    (tmp_path / "source").rename(tmp_path / "labs")
    (tmp_path / FILES[0]).write_text(
        "c = get_config()\nc.CourseDirectory.source_directory = 'labs'\n"
    )
    assert run(root)[0] == 0
