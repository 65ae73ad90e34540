"""What is said when a class was graded: what a person should look at, and what ran otherwise.

Whoever executes submissions tells it here; it is printed once, when the process ends. The grader's
``Execute`` leans on it.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterable, Iterator

from autograders.console import one_line

_looks: dict[str, list[tuple[str, str, str]]] = {}  # by student: lab, cell, reason


beside: dict[str, set[str]] = {}  # by lab: checks that ran in the student's Python
others: dict[str, str] = {}  # by lab: the kernel in which answers and checks ran


def together(looks: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield each reason once: the lab, the cell or how many cells, and the reason.

    Examples
    --------
    >>> list(together([("lab", "a", "late"), ("lab", "b", "late"), ("lab", "", "died")]))
    [('lab', '2 cells', 'late'), ('lab', '', 'died')]
    """
    cells: dict[tuple[str, str], list[str]] = {}
    for lab, cell, why in looks:
        cells.setdefault((lab, why), []).append(cell)
    for (lab, why), found in cells.items():
        yield lab, found[0] if len(found) == 1 else f"{len(found)} cells", why


def tell(log: logging.Logger, student: str, lab: str, name: str, why: str) -> None:
    """Log what a person should look at, and keep it for the summary."""
    student, lab, name, why = map(one_line, (student, lab, name, why))  # they may quote a student
    log.warning("Needs a look: %s, %s%s: %s", student, lab, f", {name}" if name else "", why)
    _looks.setdefault(student, []).append((lab, name, why))


def where(lab: str) -> Iterator[str]:
    """Yield a sentence if a lab's checks ran elsewhere than apart."""
    if lab in beside:
        yield f"{lab}: {', '.join(sorted(beside[lab]))} ran beside the answers, as its source says."
    if lab in others:
        yield f"{lab}: its checks ran in its kernel, {others[lab]}, beside the answers."


@atexit.register
def _tell_summary() -> None:
    for lab in dict.fromkeys((*beside, *others)):
        print(*where(lab), sep="\n")
    rows = [(student, *row) for student, looks in _looks.items() for row in together(looks)]
    if rows:
        print(f"\n{len(rows)} to look at (marked in the formgrader):")
    for student, lab, cell, why in rows:
        print(f"  {student}, {lab}{', ' + cell if cell else ''}: {why}")
