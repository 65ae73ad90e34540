"""Checks that cannot be judged apart are named, and may be run beside the answer."""

import json

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
    assert "01_broken: it cannot be released:" in said
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


ANSWER = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"


def marked(made, **marks):
    made.metadata["nbgrader"] |= marks
    return made


def unmarked(made, name):
    del made.metadata["nbgrader"][name]
    return made


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (
            [cell(f"{ANSWER}\n{APART}", "doubles", points=1)],
            "the check doubles has an answer in it (cell 1), which would be cut out of what is "
            "graded. Move the answer into a cell of its own above the check",
        ),
        ([cell(ANSWER)], "cell 1 has an answer in it, and is not marked as one."),
        (
            [cell("### AUTOTEST double(2)", "doubles", points=1)],
            "it has AUTOTEST lines, and there is no autotests.yml. nbgrader makes checks of such",
        ),
        ([cell("### AUTOTEST double(2)")], "cell 1 has AUTOTEST lines, and is no check."),
        ([cell(APART, "one", points=1), cell(APART, "one", points=1)], "Duplicate grade id: one"),
        ([cell(APART, "a b", points=1)], "'a b' does not match"),
        ([unmarked(cell(APART, "one", points=1), "points")], "'one' does not have points"),
        ([unmarked(cell(APART, "one", points=1), "grade_id")], "does not have a grade_id"),
        ([cell(APART, "one", points=-1)], "-1 is less than the minimum of 0"),
        *(
            ([marked(cell(APART, "one", points=1), schema_version=n)], f"nbgrader (schema {n})")
            for n in (0, 1, 2, 99)
        ),
        (
            [cell("### BEGIN HIDDEN TESTS\nassert True", "one", points=1)],
            "No end hidden tests statement found",
        ),
        (
            [cell("### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS")],
            "cell 1 has hidden tests in it, and is no check",
        ),
    ],
)
def test_what_is_in_the_way_of_a_release_is_said_with_what_to_do(cells, why, tmp_path, monkeypatch):
    root = toy(tmp_path, *cells)
    path = root / "source" / "toy" / "01_toy.ipynb"
    lab = json.loads(path.read_text())
    lab["metadata"]["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    path.write_text(json.dumps(lab))
    status, said = run(root)
    assert status == 1
    assert "01_toy: it cannot be released:" in said
    assert why in " ".join(said.split())
    assert 'the tag "beside"' not in said


@pytest.mark.parametrize(
    "content",
    ["", "[1, 2]", '{"cells": [', '{"cells": [], "metadata": {}, "nbformat": 99}', "caf\xe9"],
)
def test_a_file_that_is_no_notebook_is_named_and_the_next_one_tried(content, tmp_path):
    root = toy(tmp_path, cell("assert True", "one", points=1), name="02_toy")
    (root / "source" / "toy" / "01_toy.ipynb").write_text(content, encoding="latin-1")
    (root / "source" / "toy" / "00_toy.ipynb").mkdir()
    status, said = run(root)
    assert status == 1
    assert "00_toy: it cannot be released: it is no notebook that can be read" in said
    assert "01_toy: it cannot be released: it is no notebook that can be read" in said
    assert "02_toy: 1 checks" in said


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("import os\nos._exit(0)", "they cannot be run without a sandbox. Kernel died"),
        ("2", "0 of 1 points in either way. partial credit cannot be greater than maximum"),
    ],
)
def test_a_check_that_nbgrader_gives_up_on_is_named(check, why, tmp_path):
    status, said = run(toy(tmp_path, cell(check, "one", points=1)))
    assert status == 1
    assert why in said


def test_what_standard_error_costs_in_stock_nbgrader_is_said(tmp_path):
    noisy = "import sys\nprint('slow', file=sys.stderr)"
    status, said = run(toy(tmp_path, cell(noisy, "one", points=1)))
    assert status == 0
    assert "one: the lab's own answers: 1 of 1 points apart, 0 in one Python" in said
    assert "here it costs nothing" in said


def in_language(root, **about):
    path = root / "source" / "toy" / "01_toy.ipynb"
    lab = nbformat.read(path, as_version=4)
    lab.metadata.kernelspec = {"display_name": "", **about}
    nbformat.write(lab, path)
    return root


def test_a_kernel_that_is_not_installed_is_named(tmp_path):
    root = in_language(toy(tmp_path, cell("2 2 =", "one", points=1)), name="forth", language="F")
    status, said = run(root)
    assert status == 1
    assert "The lab's kernel, forth, is not installed" in said


def test_a_kernel_of_pythons_that_is_not_installed_is_named(tmp_path):
    root = toy(tmp_path, cell("assert True", "one", points=1))
    status, said = run(in_language(root, name="conda-env-x", language="python"))
    assert status == 1
    assert "01_toy: its kernel is called conda-env-x, and none here is" in said


def test_a_check_that_is_no_python_without_its_hidden_tests_is_named(tmp_path):
    hidden = "    ### BEGIN HIDDEN TESTS\n    assert True\n    ### END HIDDEN TESTS"
    root = toy(
        tmp_path,
        cell(f"for n in range(2):\n{hidden}", "breaks", points=0),
        cell(f"for n in range(2):\n    pass\n{hidden}", "stays", points=0),
    )
    status, said = run(root)
    assert status == 0
    assert "breaks: without its hidden tests it is no Python" in said
    assert "stays:" not in said


def test_a_language_without_a_word_for_no_answer_is_named(tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "sh" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["no"], "display_name": "Shell", "language": "sh"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    root = in_language(toy(tmp_path, cell("true", "one", points=1)), name="sh", language="sh")
    status, said = run(root)
    assert status == 1
    assert "01_toy: 1 checks, in Shell, beside the answers" in said
    assert "nothing says what stands in place of an answer in sh." in said
    assert "c.ClearSolutions.code_stub = {'sh': '...'}" in said


@pytest.mark.parametrize("version", [3, 4])
def test_odd_labs_that_are_sound_pass(version, tmp_path):
    task = marked(cell("Do it.", "task", kind="markdown", points=5), task=True, grade=False)
    picture = nbformat.v4.new_markdown_cell("![p](attachment:p.png)")
    picture.attachments = {"p.png": {"image/png": "iVBORw0KGgo="}}
    root = toy(
        tmp_path,
        task,
        picture,
        cell("assert open('Größen/名 1.txt').read() == '1'", "reads", points=0),
        name="Übung 一",
    )
    (root / "source" / "toy" / "Größen").mkdir()
    (root / "source" / "toy" / "Größen" / "名 1.txt").write_text("1")
    if version == 3:
        old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet()])
        nbformat.write(old, root / "source" / "toy" / "00_old.ipynb")
    status, said = run(root)
    assert (status, said.splitlines()[-1]) == (0, "Übung 一: 1 checks"), said
