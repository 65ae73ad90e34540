"""The table in ``modules/README.md`` from the audit's items to graded cells, held true.

It reads the table, the labs and the known wrong answers; no lab is run. That a wrong answer really
fails the checks it names is what the kill matrix shows.
"""

import re
from functools import cache

import nbformat
import pytest
from nbgrader.utils import is_grade, is_solution

from autograders.course import ROOT
from autograders.course.answers.runner import LABS
from autograders.course.misconceptions import collect
from tinytorch.assignment import read

README = ROOT / "modules" / "README.md"
ROW = re.compile(r"^\| (?P<section>[2-7](?:\.\d)?) \| (?P<item>.+?) \| (?P<cells>`.+`) \|$", re.M)

# How many items the audit lists in each section.
ITEMS = {
    "2.1": 2, "2.2": 3, "2.3": 1, "2.4": 3, "2.5": 2, "2.6": 2,
    "3.1": 3, "3.2": 3,
    "5": 9, "6": 15, "7": 4,
}  # fmt: skip
CLASSES = {
    "PriorStackStillWorking", "Module17CompressionCore", "ProgressiveStackIntegration",
    "RegressionPrevention", "PruningIntegration", "SparsityConsistency", "KnowledgeDistillation",
    "CrossModuleInteraction", "SharedWeightReferences", "TrainingAfterPruning", "ExtremeSparsity",
    "InvalidInputHandling", "MemoryReduction", "InferenceSpeed", "CompressionQuality",
}  # fmt: skip
ROWS = [match.groupdict() for match in ROW.finditer(README.read_text(encoding="utf-8"))]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`(\w+)`", row["cells"])})


@cache
def points_by_check():
    """Return the points of every automatically graded cell of the labs, by its grade id."""
    cells = [cell for lab in LABS for cell in nbformat.read(lab, as_version=4).cells]
    graded = [cell for cell in cells if is_grade(cell) and not is_solution(cell)]
    return {cell.metadata.nbgrader["grade_id"]: cell.metadata.nbgrader["points"] for cell in graded}


@cache
def failed_by():
    """Return the wrong answers that fail each check, by its grade id."""
    found = {}
    for lab in LABS:
        for answer in collect(lab.stem):
            for check in answer.fails:
                found.setdefault(check, []).append(f"{lab.stem}/{answer.name}")
    return found


def test_every_item_of_the_audit_has_a_row():
    sections = [row["section"] for row in ROWS]
    assert {section: sections.count(section) for section in sections} == ITEMS
    items = [(row["section"], row["item"]) for row in ROWS]
    assert len(set(items)) == len(items)
    classes = {item.strip("`").removeprefix("Test") for section, item in items if section == "6"}
    assert classes == CLASSES


@pytest.mark.parametrize("name", NAMED)
def test_the_named_cell_is_graded_and_fails_for_a_wrong_answer(name):
    assert name in points_by_check(), f"no lab has a graded cell {name}"
    assert points_by_check()[name] > 0
    assert name in failed_by(), f"no wrong answer in misconceptions/ lists {name} in FAILS"


def test_the_table_of_labs_gives_their_points():
    text = README.read_text(encoding="utf-8")
    told = {
        name: int(n) for name, n in re.findall(r"^\| `(\d\d_\w+)` \|.*\| (\d+) \|$", text, re.M)
    }
    assignments = [read(path.parent) for path in ROOT.glob("modules/*/assignment.toml")]
    assert told == {lab: n for one in assignments for lab, n in one.points.items()}  # held by lint
