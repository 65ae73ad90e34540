"""A source that was changed after its release is named when a class is graded with it."""

import nbformat
import pytest
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp

from autograders.tests import pretend
from autograders.tests.batch_runs import grade

CHECK, ANSWER = "doubles_each_entry", "double"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    root = tmp_path_factory.mktemp("unreleased") / "course"
    pretend.make(root, ["ada"])
    return root


def marks(cell):
    return cell.metadata.get("nbgrader", {})


def named(lab, name):
    (found,) = [cell for cell in lab.cells if marks(cell).get("grade_id") == name]
    return found


def added(lab):
    cell = nbformat.from_dict({**named(lab, CHECK), "id": "another"})
    lab.cells.append(nbformat.from_dict(cell))
    marks(lab.cells[-1])["grade_id"] = "another"


CHANGES = {
    "nothing": (lambda lab: None, ""),
    "prose": (lambda lab: lab.cells.insert(0, nbformat.v4.new_markdown_cell("Hello.")), ""),
    "the lab's own answer": (
        lambda lab: named(lab, ANSWER).update(source="### BEGIN SOLUTION\n1\n### END SOLUTION"),
        "",
    ),
    "white space": (
        lambda lab: named(lab, CHECK).update(source=named(lab, CHECK).source + "\n"),
        "",
    ),
    "a check": (lambda lab: named(lab, CHECK).update(source="assert False"), CHECK),
    "points": (lambda lab: marks(named(lab, CHECK)).update(points=7), CHECK),
    "a name": (lambda lab: marks(named(lab, CHECK)).update(grade_id="new"), f"{CHECK}, new"),
    "a kind": (lambda lab: marks(named(lab, ANSWER)).update(grade=True, points=1), ANSWER),
    "one more": (added, "another"),
    "one less": (lambda lab: lab.cells.remove(named(lab, CHECK)), CHECK),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_differs_is_named(what, released, monkeypatch):
    monkeypatch.setenv("PRETEND_LOG", str(released / "log"))
    change, cells = CHANGES[what]
    path = released / "modules/tiny/01_tiny.ipynb"
    before = path.read_text(encoding="utf-8")
    lab = nbformat.reads(before, as_version=4)
    change(lab)
    nbformat.write(lab, path)
    said = [one for one in grade(released)[0].said if "not what was released" in one]
    path.write_text(before, encoding="utf-8")
    assert len(said) == bool(cells)
    for sentence in said:
        assert sentence.startswith(f"01_tiny: the source is not what was released ({cells}).")
        assert sentence.endswith("nbgrader generate_assignment tiny --force")


def test_plain_nbgrader_says_it_until_it_is_released(released, monkeypatch, capfd):
    monkeypatch.setenv("PRETEND_LOG", str(released / "log"))
    path = released / "modules/tiny/02_tiny.ipynb"
    lab = nbformat.read(path, as_version=4)
    named(lab, CHECK).source = "assert True"
    nbformat.write(lab, path)
    pretend.nbgrader(released, AutogradeApp, "tiny", level="WARN")
    assert f"02_tiny: the source is not what was released ({CHECK})" in capfd.readouterr().err
    pretend.nbgrader(released, GenerateAssignmentApp, "tiny", "--force")
    pretend.nbgrader(released, AutogradeApp, "tiny", level="WARN")
    assert "not what was released" not in capfd.readouterr().err
