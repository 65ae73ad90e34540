"""``python -m autograders preflight ASSIGNMENT`` names checks that cannot be judged apart.

Each lab's own answers are graded as a submission would be. A check that they fail there is named:
it asks for what does not pass between two processes. An instructor can have it run beside the
answer, as stock nbgrader does, by the cell's tag ``beside`` in the lab's source; the grader then
says so.
Leans on :mod:`autograders.answers.apart`.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from rich.console import Console

from autograders.answers.apart import grading, judged
from autograders.answers.runner import ROOT
from autograders.grading.judge.plan import BESIDE, is_check


def main(assignment: str, root: Path = ROOT, console: Console | None = None) -> int:
    """Name the checks that cannot be judged apart; return the exit status.

    Parameters
    ----------
    assignment : str
        A folder of the course's source.
    root : Path
        The course's folder.
    console : Console, optional
        Where to print.
    """
    console = console or Console()
    labs = sorted((root / "modules" / assignment).glob("*.ipynb"))
    if not labs:
        console.print(f"there is no lab in {root / 'modules' / assignment}", markup=False)
        return 2
    lost = 0
    with grading(root) as executor:
        for lab in labs:
            found = judged(executor, lab, {}, whole=True)
            beside = beside_in(lab)
            for name, (passed, said, _) in found.items():
                if not passed:
                    console.print(f"{lab.stem}, {name}: {said}", markup=False, highlight=False)
                    lost += 1
            also = f", {len(beside)} of them beside the answer" if beside else ""
            console.print(f"{lab.stem}: {len(found)} checks{also}", markup=False, highlight=False)
    if lost:
        console.print(
            "The lab's own answers fail these checks when they are judged apart. Mend the check, "
            f'or give its cell the tag "{BESIDE}": then it runs in the student\'s Python, where it '
            "can be cheated.",
            markup=False,
        )
    return 1 if lost else 0


def beside_in(lab: Path) -> list[str]:
    """Return the grade ids of a lab's checks that run beside the answer."""
    cells = nbformat.read(lab, as_version=4).cells
    return [
        cell.metadata.nbgrader["grade_id"]
        for cell in cells
        if is_check(cell) and BESIDE in cell.metadata.get("tags", ())
    ]
