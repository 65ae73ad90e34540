"""Labs in other languages than Python: their kernels, and what those say of a check.

Their checks run beside the answers, as in stock nbgrader. It leans on nbgrader's and Jupyter's
packages; ``Execute`` and ``preflight`` lean on it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from nbformat import NotebookNode
from nbgrader.utils import get_partial_grade

from autograders.grading.faults import Fault
from autograders.grading.judge.parts import is_check
from autograders.grading.judge.verdict import printed_in
from autograders.grading.notes import MET, NOTES, WHY, noted

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def other_kernel(lab: NotebookNode) -> KernelSpec | None:
    """Return the kernel of a lab that is not in Python, None if it is.

    The lab is the course's: a submission does not choose.

    Raises
    ------
    Fault
        If it is not installed.
    """
    about = lab.metadata.get("kernelspec", {})
    name, language = about.get("name", "python3"), about.get("language")
    language = language or lab.metadata.get("language_info", {}).get("name")
    if (language or name).lower().startswith(("python", "ipython")):
        return None
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        raise Fault(
            f"The lab's kernel, {name}, is not installed where it is graded; it was not run."
        ) from None
    spec.name = name
    return None if spec.language.lower() == "python" else spec


def tell_openly(cells: Sequence[NotebookNode], openly: Sequence[NotebookNode]) -> None:
    """Have cells show what they showed where no hidden test had been.

    Parameters
    ----------
    cells : sequence of NotebookNode
        As they ran for the points.
    openly : sequence of NotebookNode
        The same, as far as they ran without hidden tests.
    """
    for number, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        alone = openly[number] if number < len(openly) else None
        told = alone.outputs if alone else []
        notes = cell.metadata.get(NOTES, NotebookNode())
        notes.pop(MET, None)
        if not is_check(cell):
            cell.outputs = copy.deepcopy(told)
            continue
        points = [o for o in cell.outputs if o.output_type in ("error", "execute_result")]
        failed = any(output.output_type == "error" for output in points)
        cell.outputs = [*copy.deepcopy([*printed_in(told)]), *points]
        if failed and alone and (why := noted(alone, WHY)):
            notes[WHY] = why


def is_above(cell: NotebookNode, result: NotebookNode) -> bool:
    """Return whether nbgrader would refuse what a check shows as partial credit."""
    try:
        get_partial_grade(result, float(cell.metadata.nbgrader["points"]))
    except ValueError:
        return True
    except KeyError:  # it has no text
        pass
    return False


def said_of(error: NotebookNode) -> str:
    r"""Return what a kernel of another language said of a check that failed.

    Examples
    --------
    >>> said_of(NotebookNode(ename="ERROR", evalue="\x1b[31mError\x1b[39m: x is not TRUE\n"))
    'Error: x is not TRUE'
    >>> said_of(NotebookNode(ename="", evalue="1"))  # a shell's
    'status 1'
    """
    said = _COLOUR.sub("", error.evalue).strip()
    return f"status {said}" if said.isdigit() else said or error.ename or "it failed"
