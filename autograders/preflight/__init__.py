"""``python -m autograders preflight`` tries an assignment, or each, before it is released.

Each lab's own answers, and the lab as it is released, are graded twice: in one Python, as stock
nbgrader grades, and with the judge. Every check that gives other points apart is named, with what
it said and what can be done; so are checks that the lab's own answers fail in any case, points that
an empty lab gets, cells that fail in the sandbox alone, and kernels that are not Python's. The lab
is the instructor's own work: for the first way of grading it runs without a sandbox.
Leans on :mod:`.released`, :mod:`.apart` and :mod:`.stock`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from rich.console import Console

from autograders import layout
from autograders.grading.execute import SandboxedExecute
from autograders.grading.faults import Fault
from autograders.grading.judge.names import plain_python
from autograders.grading.judge.parts import is_check, marks_in
from autograders.grading.judge.plan import BESIDE, Plan
from autograders.grading.languages import other_kernel
from autograders.grading.sandbox import Sandbox
from autograders.grading.settings import SettingsError
from autograders.preflight import apart, released, stock

# What to do, by how the error of a check that was judged apart begins.
_ADVICE = {
    "NotReadable": "A value of the answer's does not cross. Ask for plain values, arrays or frames"
    " in its place, or name its package in c.Crossing.packages, if both sides have it installed;"
    " where it is too large, raise c.Crossing.largest.",
    "ModuleNotFoundError": "The sandbox does not show this module: install it beside nbgrader, or"
    " put its file beside the lab.",
    "FileNotFoundError": "The judge does not see this file: files that the course gives out lie"
    " beside the lab. Of what an answer writes it sees data in the notebook's folder, and no code.",
    "NameError": "No cell that the judge runs, and no answer, binds this name.",
    "Timeout": "It takes longer apart: let an answer do its loop in one call.",
}
_OTHERWISE = (
    "It asks for what does not cross: an answer's code, say, or figures that are open. An object of"
    " a module beside the lab crosses as a whole, if c.Crossing.packages names the module."
)
_SILENT = (
    "Stock nbgrader takes all points for what is written on standard error; here it costs nothing."
)
_KERNEL = (
    "The sandbox shows the system, Python, and what c.Sandbox.folders names: name the folder in "
    "which the kernel is, and in c.Sandbox.environment the variables that it needs."
)
_LIBRARY = (
    "Name the folder of R's packages in c.Sandbox.folders, and, as R_LIBS_USER, in "
    "c.Sandbox.environment."
)
_LATER = (
    "A hidden part of it takes a name from another hidden part, which is run again for it, with"
    " what answers have made since. Bind that name in a visible part."
)


@dataclass(frozen=True)
class Finding:
    """One thing that an instructor should know.

    Attributes
    ----------
    where : str
        The lab, and the check or the cell.
    what : str
        What was found.
    advice : str
        What to do about it.
    serious : bool
        Whether honest students lose or win points by it.
    differs : bool
        Whether it is a check that gives other points apart.
    """

    where: str
    what: str
    advice: str = ""
    serious: bool = True
    differs: bool = False


def main(
    assignment: str | None = None, root: Path | None = None, console: Console | None = None
) -> int:
    """Say what would go wrong; return the exit status.

    Parameters
    ----------
    assignment : str
        As nbgrader knows it; by default, all that have notebooks in the source.
    root : Path, optional
        The course's folder (by default, the current one).
    console : Console, optional
        Where to print.
    """
    console = console or Console()
    try:
        course = layout.course(root)
        everything = layout.assignments(course) if assignment is None else []
        chosen = everything or [layout.choose(course, assignment)]
        labs = [lab for name in chosen for lab in layout.notebooks(course, name)]
    except (layout.LayoutError, SettingsError) as error:
        console.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        return 2
    serious, differ = 0, False
    with apart.grading(course) as executor:
        for lab in labs:
            for finding in _tried(lab, executor, course, console):
                serious += finding.serious
                differ = differ or finding.differs
                said = f"  {finding.where}: {finding.what}\n    {finding.advice}".rstrip()
                console.print(said, markup=False, highlight=False)
    if differ:
        console.print(
            "A check that gives other points apart is better mended. With the tag "
            f'"{BESIDE}" on its cell in the source it runs in the student\'s Python, as stock '
            "nbgrader would run it, where it can be cheated.",
            markup=False,
        )
    return 1 if serious else 0


def _tried(
    lab: Path, executor: SandboxedExecute, course: CourseDirectory, console: Console
) -> Iterator[Finding]:
    """Say what a lab has, and yield what is amiss with it."""
    try:
        notebook = released.read(lab, course)
        checks = [cell for cell in notebook.cells if is_check(cell)]
        told = f"{lab.stem}: {len(checks)} checks{_elsewhere(notebook, checks)}"
        console.print(told, markup=False, highlight=False)
        yield from findings(lab, notebook, executor, course)
    except released.NotReleased as error:
        yield Finding(lab.stem, f"it cannot be released: {error.what}.", error.advice)
    except Fault as error:
        yield Finding(lab.stem, str(error), "Install it beside nbgrader.")


def _elsewhere(notebook: NotebookNode, checks: Sequence[NotebookNode]) -> str:
    """Return how many checks run beside the answer, in words."""
    kernel = other_kernel(notebook)
    if kernel and checks:
        return f", in {kernel.display_name}, beside the answers"
    beside = sum(BESIDE in cell.metadata.get("tags", ()) for cell in checks)
    return f", {beside} of them beside the answer" if beside else ""


def findings(
    lab: Path, notebook: NotebookNode, executor: SandboxedExecute, course: CourseDirectory
) -> Iterator[Finding]:
    """Grade a lab's own answers, and none, in both ways; yield what differs and what is amiss.

    Parameters
    ----------
    lab : Path
        The lab's source.
    notebook : NotebookNode
        What is in it, of :func:`.released.read`.
    executor : SandboxedExecute
        Of :func:`.apart.grading`.
    course : CourseDirectory
        Of :func:`autograders.layout.course`.

    Raises
    ------
    NotReleased
        If it cannot be released.
    """
    config = course.config
    reference, empty, shown = released.released(notebook, lab, config)
    if other_kernel(reference) is None:
        yield from _of_release(reference, shown)
    code = [cell for cell in reference.cells if cell.cell_type == "code"]
    plan = Plan(code, marks_in(config))
    for who, handed_in in (("the lab's own answers", reference), ("an empty lab", empty)):
        try:
            alone = stock.run(handed_in, lab, Sandbox(config=config).environment)
        except NoSuchKernel as error:
            what = f"its kernel is called {error.name}, and none here is"
            yield Finding(lab.stem, what, "Choose Python's kernel in JupyterLab, and save it.")
            return
        except (DeadKernelError, RuntimeError) as error:
            what = f"{who}: they cannot be run without a sandbox. {_first_line(error)}"
            yield Finding(lab.stem, what, "Mend the cell that ends its kernel.")
            continue
        try:
            judged = apart.run(executor, lab, handed_in)
        except RuntimeError as error:
            what = f"its kernel does not start in the sandbox. {_first_line(error)}"
            yield Finding(lab.stem, what, _KERNEL)
            return
        yield from _of_checks(who, handed_in is reference, alone, judged, plan)
        if handed_in is reference:
            yield from _of_cells(alone, judged)


def _of_release(reference: NotebookNode, shown: NotebookNode) -> Iterator[Finding]:
    """Yield checks of which students get what is no Python, since the marks are in a block."""
    for check, given in zip(reference.cells, shown.cells, strict=True):
        if is_check(check) and _is_python(check.source) and not _is_python(given.source):
            name = check.metadata.nbgrader["grade_id"]
            what = "without its hidden tests it is no Python, and fails when a student runs it"
            advice = "Put a line that stays into the block, or the marks around the whole block."
            yield Finding(name, what, advice, serious=False)


def _is_python(source: str) -> bool:
    try:
        ast.parse(plain_python(source))
    except (SyntaxError, ValueError):
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _of_checks(
    who: str, is_reference: bool, alone: NotebookNode, judged: NotebookNode, plan: Plan
) -> Iterator[Finding]:
    """Yield what is to be said of the checks."""
    found = stock.verdicts(judged)
    for name, expected in stock.verdicts(alone).items():
        here = found[name]
        if _got(here) != _got(expected):
            what = f"{who}: {_told(here)} apart, {_told(expected, short=True)} in one Python"
            said = here.said or expected.said
            if expected.said.startswith(stock.STDERR):
                yield Finding(name, f"{what}. {said}", _SILENT, serious=False)
                continue
            yield Finding(name, f"{what}. {said}", _advice(name, here, plan), differs=True)
        elif is_reference and _got(expected) < (expected.most or 1):
            advice = "Mend the check or the answer."
            what = f"{who}: {_told(expected)} in either way"
            yield Finding(name, f"{what}. {expected.said}", advice)
        elif not is_reference and expected.score:
            what = f"{who}: {_told(expected)} for nothing"
            yield Finding(name, what, "Have the check ask for what is not there yet.", False)


def _got(verdict: stock.Verdict) -> float:
    """Return the points of a check, or of one that is worth none whether it passes."""
    return verdict.score if verdict.most else not verdict.said


def _told(verdict: stock.Verdict, short: bool = False) -> str:
    """Return what a check gives, in words."""
    if not verdict.most:
        return "fails" if verdict.said else "passes"
    return f"{verdict.score:g}" + ("" if short else f" of {verdict.most:g} points")


def _advice(name: str, verdict: stock.Verdict, plan: Plan) -> str:
    """Return what to do about a check that gives other points apart."""
    kind = verdict.said.partition(":")[0]
    if kind not in _ADVICE and any(plan.before(name, n) for n in range(len(plan.parts(name)))):
        return _LATER
    return _ADVICE.get(kind, _OTHERWISE)


def _of_cells(alone: NotebookNode, judged: NotebookNode) -> Iterator[Finding]:
    """Yield the cells that fail in the sandbox, and nowhere else."""
    for number, (one, other) in enumerate(zip(alone.cells, judged.cells, strict=True), start=1):
        if one.cell_type != "code" or is_check(one):
            continue
        said, before = stock.failure(other), stock.failure(one)
        if said and not before:
            kind = said.partition(":")[0]
            advice = _ADVICE.get(kind, "The sandbox has no network, no home and no other folder.")
            if "there is no package called" in said:
                advice = _LIBRARY
            yield Finding(f"cell {number}", f"fails in the sandbox alone. {said}", advice)
