"""What must hold for a source notebook before it is released, graded or replayed.

It runs no cell, and leans on nbformat and nbgrader for what they already validate.
`python -m autograders lint`, and so `make test`, prints what it finds: the notebook, the cell
and the fix.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import nbformat.reader
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.nbgraderformat.common import SchemaMismatchError
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from nbgrader.utils import is_grade, is_solution

from autograders.course import ROOT
from tinytorch import assignment
from tinytorch.assignment import Assignment, AssignmentError

POINTS = 100  # of an assignment
LARGEST = 1_000_000  # bytes

NOTEBOOK_METADATA = {"kernelspec", "language_info"}
CELL_METADATA = {"deletable", "editable", "jupyter", "nbgrader", "tags"}

# What a lab says of itself below its heading, and an exercise below its own.
EFFORT = re.compile(
    r"^\*.* · about (\d+) minutes, (\d+) of them for the exercises · (\d+) points\*$", re.MULTILINE
)
EXERCISE = re.compile(r"^\*.* · (\d+) minutes · \d+ points?\b.*\*$", re.MULTILINE)

GRADE_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
ANSI = re.compile(r"\x1b\[")
MACHINE_PATH = re.compile(
    r"(?<![\w.])(?:/home/|/Users/|/root/|/tmp/|/private/var/|[A-Za-z]:\\+Users"
    rf"|{re.escape(str(ROOT))})[^\s'\"<>]*"
)
EXPORT = re.compile(r"^\s*#\s*\|\s*exporti?\b", re.MULTILINE)
DEFAULT_EXP = re.compile(r"^\s*#\s*\|\s*default_exp\s+\S", re.MULTILINE)

# The words that nbgrader itself looks for.
SOLUTION = (
    ClearSolutions.begin_solution_delimeter.default_value,
    ClearSolutions.end_solution_delimeter.default_value,
)
CRITERIA, GUIDE = "How it is graded", "Scoring guide"
HIDDEN = (
    ClearHiddenTests.begin_test_delimeter.default_value,
    ClearHiddenTests.end_test_delimeter.default_value,
)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in a notebook, where it is, and what to do about it.

    Parameters
    ----------
    path : Path
        The notebook, or the assignment's folder.
    message, fix : str
        What is wrong, and what to do.
    position : int, optional
        Position of the cell, counted from 1 over cells of every type.
    cell_id, grade_id : str, optional
        The cell's names in nbformat and in nbgrader, where it has them.

    Examples
    --------
    >>> print(Finding(Path("lab.ipynb"), "no points.", "give it points.", 3, "ab12", "sparsity"))
    lab.ipynb, cell 3 (id ab12, grade id `sparsity`): no points. Fix: give it points.
    """

    path: Path
    message: str
    fix: str
    position: int | None = None
    cell_id: str | None = None
    grade_id: str | None = None

    def __str__(self) -> str:
        names = [f"id {self.cell_id}"] if self.cell_id else []
        names += [f"grade id `{self.grade_id}`"] if self.grade_id else []
        where = "" if self.position is None else f", cell {self.position}"
        where += f" ({', '.join(names)})" if names else ""
        return f"{self.path}{where}: {self.message} Fix: {self.fix}"


# A rule yields (index of the cell or None, what is wrong, what to do).
Problem = tuple[int | None, str, str]
Rule = Callable[[NotebookNode], Iterator[Problem]]


# The file -------------------------------------------------------------------------------


def _format(nb: NotebookNode) -> Iterator[Problem]:
    """Format 4.5, whose cells have ids; each id once; the schema of nbformat."""
    version = f"{nb.get('nbformat')}.{nb.get('nbformat_minor')}"
    if version != "4.5":
        yield None, f"it is in notebook format {version}, not 4.5.", "save it with JupyterLab 4."
        return
    cells = nb.get("cells", [])
    ids = Counter(cell.get("id") for cell in cells)
    for index, cell in enumerate(cells):
        if ids[cell.get("id")] > 1 or "id" not in cell:
            what = "its cell id is used by another cell too." if "id" in cell else "it has no id."
            yield index, what, "give it an id of its own, and keep that for good."
    if all(count == 1 for count in ids.values()) and None not in ids:
        try:
            nbformat.validate(nb)
        except nbformat.ValidationError as error:
            what = str(error).splitlines()[0]
            yield None, f"nbformat rejects it: {what}", "save it with JupyterLab."


def _metadata(nb: NotebookNode) -> Iterator[Problem]:
    """Nothing in the metadata that another machine or another run would write differently."""
    kernel = nb.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield None, f"its kernel is {kernel!r}, not 'python3'.", "choose the kernel python3."
    surplus = sorted(set(nb.metadata) - NOTEBOOK_METADATA)
    if "version" in nb.metadata.get("language_info", {}):
        surplus.append("language_info.version")
    if surplus:
        what = f"its metadata holds {', '.join(surplus)}, which differ from machine to machine."
        yield None, what, "run `python -m autograders lint --fix`."
    for index, cell in enumerate(nb.cells):
        if surplus := sorted(set(cell.metadata) - CELL_METADATA):
            what = f"its metadata holds {', '.join(surplus)}, which no one reads."
            yield index, what, "run `python -m autograders lint --fix`."


# What was run ---------------------------------------------------------------------------


def _executed(nb: NotebookNode) -> Iterator[Problem]:
    """Run from top to bottom in one go, and saved with what it showed."""
    code = [(i, cell) for i, cell in enumerate(nb.cells) if cell.cell_type == "code"]
    code = [(i, cell) for i, cell in code if cell.source.strip()]
    rerun = "restart the kernel, run all cells and save."
    if code and not any(cell.outputs for _, cell in code):
        yield None, "no cell has an output.", rerun
        return
    for count, (index, cell) in enumerate(code, start=1):
        if cell.execution_count != count:
            found = "not run" if cell.execution_count is None else f"run as {cell.execution_count}"
            yield index, f"it was {found}, but is code cell {count}.", rerun
            return


def _output_text(output: NotebookNode) -> str:
    """Every text of one output, whatever its type."""
    texts = [output.get("text", ""), *output.get("traceback", [])]
    texts += [v for k, v in output.get("data", {}).items() if not k.startswith("image/")]
    return "\n".join(t if isinstance(t, str) else json.dumps(t) for t in texts)


def _outputs(nb: NotebookNode) -> Iterator[Problem]:
    """No error, no warning, no terminal colour and no path of one machine in a stored output."""
    for index, cell in enumerate(nb.cells):
        outputs = cell.get("outputs", [])
        for name in (o.ename for o in outputs if o.output_type == "error"):
            yield index, f"its stored output is a {name}.", "repair the cell and run all cells."
        if any(o.get("name") == "stderr" for o in outputs):
            what = "its stored output has text on stderr, which is mostly a warning."
            yield index, what, "remove the cause of the warning and run all cells."
        text = "\n".join(_output_text(o) for o in outputs if o.output_type != "error")
        if ANSI.search(text):
            yield index, "its stored output has terminal colours.", "print plain text."
        if found := MACHINE_PATH.search(text):
            what = f"its stored output names a path of one machine, {found[0]!r}."
            yield index, what, "print a path relative to the lab, or none."


# What is graded -------------------------------------------------------------------------


def _rejected(cell: NotebookNode) -> tuple[str, str] | None:
    """What nbgrader's own validator has against the cell, and what to do, or None."""
    try:
        MetadataValidator().validate_cell(cell)
    except SchemaMismatchError as error:
        what = f"its nbgrader metadata has schema {error.actual_version}, not 3."
        return what, "run `nbgrader update` on the notebook."
    except ValidationError as error:
        what = f"nbgrader rejects its metadata: {error.message}."
        return what, "choose the kind of cell again in JupyterLab's Create Assignment."
    return None


def _misused(cell: NotebookNode) -> tuple[str, str] | None:
    """What keeps the cell from being one of the four kinds that the course uses, or None.

    They are: autograded answer, autograder tests, manually graded answer, read-only.
    """
    meta = cell.metadata.nbgrader
    grade, solution, locked = meta.grade, meta.solution, meta.locked
    if meta.get("task"):
        what = "it is a task cell, which students cannot answer in place."
        return what, "make it a manually graded answer (grade and solution)."
    if not (grade or solution or locked):
        return "its nbgrader metadata gives it no duty.", "remove that metadata."
    if grade and not solution and not locked:
        return "it holds tests that students could edit: it is unlocked.", 'set "locked": true.'
    if solution and locked:
        return "it is a solution that no student could write: it is locked.", 'set "locked": false.'
    if grade and not meta.points > 0:
        return "it is graded, but gives no points.", "give it points, or do not grade it."
    if not GRADE_ID.fullmatch(meta.grade_id):
        what = f"its grade id {meta.grade_id!r} is not lower_snake_case."
        return what, "name what the cell checks, as in `pruned_weights_stay_zero`."
    return None


def _nbgrader_cells(nb: NotebookNode) -> Iterator[Problem]:
    """Metadata that nbgrader accepts and that makes sense in this course."""
    for index, cell in enumerate(nb.cells):
        if "nbgrader" in cell.metadata and (problem := _rejected(cell) or _misused(cell)):
            yield index, *problem


def _balance(source: str, markers: tuple[str, str]) -> str | None:
    """Say how the begin and end markers in `source` fail to pair, or None when they do."""
    begin, end = markers
    inside = False
    for line in source.splitlines():
        if begin in line:
            if inside:
                return f"it has a second `### {begin}` before `### {end}`."
            inside = True
        elif end in line:
            if not inside:
                return f"it has `### {end}` without `### {begin}`."
            inside = False
    return f"it has `### {begin}` without `### {end}`." if inside else None


def _regions(nb: NotebookNode) -> Iterator[Problem]:
    """Solutions and hidden tests between paired markers, in cells that nbgrader cuts them from."""
    for index, cell in enumerate(nb.cells):
        grade, solution = is_grade(cell), is_solution(cell)
        for markers, belongs, home in (
            (SOLUTION, solution, "a solution cell"),
            (HIDDEN, grade and not solution, "an autograder tests cell (grade, locked)"),
        ):
            marked = any(marker in cell.source for marker in markers)
            if marked and not belongs:
                what = f"it has a `### {markers[0]}` region, but is not {home}."
                yield index, what, f"make it {home}, or remove the markers."
            elif unpaired := _balance(cell.source, markers):
                yield index, unpaired, "pair each BEGIN with an END, on lines of their own."
        if cell.cell_type == "code" and solution and not grade and SOLUTION[0] not in cell.source:
            what = f"it is a solution without `### {SOLUTION[0]}` and `### {SOLUTION[1]}`."
            yield index, what, "put the markers around what a student is to write."


def _manual(nb: NotebookNode) -> Iterator[Problem]:
    """A question graded by a person: students know the criteria, and graders what to look for.

    A scoring guide says what a good answer contains, so it stands with the lab's own answer, which
    is cut from the release.
    """
    asked = [i for i, cell in enumerate(nb.cells) if is_grade(cell) and is_solution(cell)]
    if not asked:
        what = "it has no manually graded question."
        yield None, what, "add one: a Markdown cell with grade and solution set, and points."
    for index in asked:
        if not any(CRITERIA in cell.source for cell in nb.cells[:index]):
            what = "its question does not say how it is graded."
            yield index, what, f"add to the question: <details><summary>{CRITERIA}</summary>."
        if GUIDE not in nb.cells[index].source:
            what = "its own answer has no scoring guide."
            yield index, what, f"add below the answer: <details><summary>{GUIDE}</summary>."
    for index, cell in enumerate(nb.cells):
        if GUIDE in cell.source and index not in asked:
            what = "it shows a scoring guide to students."
            yield index, what, "move it below the lab's own answer."


def _export(nb: NotebookNode) -> Iterator[Problem]:
    """Exported cells know their module from the first code cell on."""
    code = [(i, cell.source) for i, cell in enumerate(nb.cells) if cell.cell_type == "code"]
    if any(EXPORT.search(source) for _, source in code) and not DEFAULT_EXP.search(code[0][1]):
        what = "it exports cells, but its first code cell does not say where to."
        yield code[0][0], what, "begin it with `#| default_exp optimization.compression.NAME`."


def _effort(nb: NotebookNode) -> Iterator[Problem]:
    """The minutes and points that the lab announces are the sums of what is in it."""
    prose = [cell.source for cell in nb.cells if cell.cell_type == "markdown"]
    said = EFFORT.search(prose[0]) if prose else None
    if said is None:
        what = "its first cell does not say how long the lab takes and what it is worth."
        line = "*... · about 50 minutes, 40 of them for the exercises · 11 points*"
        yield None, what, f"add below the heading: {line}."
        return
    whole, exercises, worth = map(int, said.groups())
    minutes = sum(int(number) for text in prose for number in EXERCISE.findall(text))
    if minutes != exercises:
        what = f"it says {exercises} minutes for the exercises, which say {minutes}."
        yield None, what, "say the sum, or give an exercise the time that it takes."
    if whole <= exercises:
        what = f"it says {whole} minutes, which its exercises alone take."
        yield None, what, "say how long the lab takes with its reading."
    if worth != points(nb):
        what = f"it says {worth} points, and its cells have {points(nb):g}."
        yield None, what, "say what its cells are worth."


RULES: tuple[Rule, ...] = (
    _effort,
    _metadata,
    _executed,
    _outputs,
    _nbgrader_cells,
    _regions,
    _manual,
    _export,
)


# A notebook, an assignment --------------------------------------------------------------


def _shown(path: Path) -> Path:
    """`path` as a reader types it: relative to where they are, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _finding(path: Path, nb: NotebookNode, problem: Problem) -> Finding:
    index, message, fix = problem
    if index is None:
        return Finding(_shown(path), message, fix)
    cell = nb.cells[index]
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    return Finding(_shown(path), message, fix, index + 1, cell.get("id"), grade_id)


def _read(path: Path) -> NotebookNode:
    """Parse without the upgrades and repairs of `nbformat.read`."""
    try:
        return nbformat.reader.reads(path.read_text(encoding="utf-8"))
    except (AttributeError, nbformat.ValidationError) as error:
        raise ValueError(f"it holds JSON, but no notebook ({error})") from error


def _readable(paths: Iterable[Path]) -> Iterator[tuple[Path, NotebookNode]]:
    """Parse those that `lint_notebook` does not give up on."""
    for path in paths:
        with contextlib.suppress(ValueError):
            nb = _read(path)
            if not any(_format(nb)):
                yield path, nb


def lint_notebook(path: str | Path) -> list[Finding]:
    """Check one source notebook.

    Parameters
    ----------
    path : str or Path
        The notebook. It is read, never run or written.

    Returns
    -------
    list of Finding
        Empty for a notebook that can be released. A notebook that is no notebook, or not in
        format 4.5, gets the findings that say so and no others.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    path = Path(path).resolve()
    try:
        nb = _read(path)
    except ValueError as error:
        fix = "restore it from git, or resolve the conflict in it."
        return [Finding(_shown(path), f"it cannot be read: {error}.", fix)]
    problems = list(_format(nb)) or [problem for rule in RULES for problem in rule(nb)]
    if (size := path.stat().st_size) > LARGEST:
        what = f"it has {size:,} bytes, more than {LARGEST:,}."
        problems.append((None, what, "draw smaller figures, or print less."))
    return [_finding(path, nb, problem) for problem in problems]


def points(nb: NotebookNode) -> float:
    """Sum the points of a notebook's graded cells, autograded and manual.

    Examples
    --------
    >>> test = {"nbgrader": {"grade": True, "points": 3}}
    >>> points(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(metadata=test)]))
    3
    """
    return sum(cell.metadata.nbgrader.get("points", 0) for cell in nb.cells if is_grade(cell))


def lint_assignment(folder: str | Path) -> list[Finding]:
    """Check what holds between the notebooks of one assignment.

    Parameters
    ----------
    folder : str or Path
        The assignment: its notebooks are the `*.ipynb` files directly in it.

    Returns
    -------
    list of Finding
        For every grade id that two cells share, and for whatever differs from what the folder's
        ``assignment.toml`` says: its name, its labs, what each is worth. Notebooks that cannot be
        read are left to `lint_notebook`.
    """
    findings: list[Finding] = []
    first: dict[str, str] = {}
    worth: dict[str, float] = {}
    folder = Path(folder).resolve()
    paths = sorted(folder.glob("*.ipynb"))
    for path, nb in _readable(paths):
        worth[path.stem] = points(nb)
        for index, cell in enumerate(nb.cells):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            where = f"{path.name}, cell {index + 1}"
            if grade_id and first.setdefault(grade_id, where) != where:
                what = f"its grade id is taken by {first[grade_id]}."
                problem = (index, what, "choose another: a grade id occurs once in an assignment.")
                findings.append(_finding(path, nb, problem))
    try:
        said = assignment.read(folder)
    except AssignmentError as error:
        return [*findings, Finding(_shown(folder), f"{error}.", "write it as another one has it.")]
    findings += [Finding(_shown(folder / assignment.FILE), *p) for p in _said(said, folder, worth)]
    return findings


def _said(said: Assignment, folder: Path, worth: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Hold what an assignment says of itself against its labs; yield a message and a fix."""
    if said.name != folder.name:
        yield f"it is called {said.name!r}, its folder {folder.name!r}.", "give both one name."
    if (total := sum(said.points.values())) != POINTS:
        yield f"its labs are worth {total:g} points, not {POINTS}.", "share out the points anew."
    if list(said.labs) != sorted(said.labs):
        yield "its labs are in another order than their files.", "sort them by name."
    present = {path.stem for path in folder.glob("*.ipynb")}
    for lab in sorted(present - {*said.labs}):
        yield f"it does not know {lab}.ipynb.", "say there what the lab is worth."
    for lab in sorted(worth.keys() & said.points.keys()):
        if worth[lab] != said.points[lab]:
            what = f"{lab} is worth {said.points[lab]:g} points, and its cells {worth[lab]:g}."
            yield what, "share out the lab's points anew, or change what it is worth."
    missing = [lab for lab in said.labs if lab not in present]
    if missing and not said.unfinished:
        what = f"{', '.join(missing)} is not there."
        yield what, "put it back; a lab that has yet to be written is one of `unfinished = true`."
    if said.unfinished and not missing:
        yield "every lab is there.", "take out `unfinished`."


def tidy(path: str | Path) -> bool:
    """Drop the metadata that `lint_notebook` would complain about; leave all else as it is.

    Parameters
    ----------
    path : str or Path
        The notebook, rewritten in place if there is something to drop.

    Returns
    -------
    bool
        Whether it was rewritten.
    """
    path = Path(path)
    nb = _read(path)
    before = json.dumps(nb)
    for cell in nb.cells:
        for key in set(cell.metadata) - CELL_METADATA:
            del cell.metadata[key]
    for key in set(nb.metadata) - NOTEBOOK_METADATA:
        del nb.metadata[key]
    nb.metadata.get("language_info", {}).pop("version", None)
    if changed := json.dumps(nb) != before:
        nbformat.write(nb, path)
    return changed


def _notebooks(paths: Iterable[Path]) -> list[Path]:
    """The notebooks at and below `paths`, editor copies left out."""
    found = {p for path in paths for p in ([path] if path.is_file() else path.rglob("*.ipynb"))}
    return sorted(p for p in found if ".ipynb_checkpoints" not in p.parts)


def main(paths: Sequence[Path], fix: bool = False) -> int:
    """Check notebooks and say what was found, as ``python -m autograders lint``.

    Parameters
    ----------
    paths : sequence of Path
        Notebooks and folders.
    fix : bool
        Drop surplus metadata first.

    Returns
    -------
    int
        Exit status: 0 without findings, 1 with findings, or where there is nothing to check.
    """
    notebooks = _notebooks(paths)
    if not notebooks:
        print(f"no notebook in {', '.join(map(str, paths))}", file=sys.stderr)
        return 1
    if fix:
        for path in notebooks:
            tidy(path)
    findings = [finding for path in notebooks for finding in lint_notebook(path)]
    for folder in sorted({path.parent for path in notebooks}):
        findings += lint_assignment(folder)
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} findings in {len(notebooks)} notebooks", file=sys.stderr)
        return 1
    total = sum(points(_read(path)) for path in notebooks)
    print(f"{len(notebooks)} notebooks, {total:g} points, no findings")
    for folder in sorted({path.parent for path in notebooks}):
        said = assignment.read(folder)
        if missing := [lab for lab in said.labs if not (folder / f"{lab}.ipynb").exists()]:
            print(f"{said.name} is unfinished: {', '.join(missing)} will come")
    return 0
