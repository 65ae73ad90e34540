"""Run a submission in the sandbox, whatever happens in it, and give points only for proven tests.

:class:`SandboxedExecute` takes the place of nbgrader's ``Execute`` in ``nbgrader autograde``: the
kernel comes from :mod:`autograders.grading.sandbox`, a fault costs what it broke and becomes a
sentence in the feedback, and :mod:`autograders.grading.proof` says which checks really ran.
:class:`SaveGrades` flags what a person should look at.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output, output_from_msg
from nbgrader.preprocessors import Execute, SaveAutoGrades
from nbgrader.utils import is_locked, is_solution
from traitlets import Integer, default

from autograders.grading.gate import written
from autograders.grading.proof import Proof, is_check
from autograders.grading.sandbox import (
    Sandbox,
    SandboxKernelManager,
    Template,
    beginning,
)
from autograders.grading.sealed import Seal, imports_of
from autograders.grading.submission import NOTES, SAID, key_of, read_notebook

STOPPED = "This cell ran for too long and was stopped."
LOOK = "look"  # the key of nbgrader's resources for what a person should look at


class Fault(Exception):
    """Something a submission did that ends its run; the message is a sentence for the student."""


class SandboxedExecute(Execute):
    """Execute a submission's cells in a sandbox and prove that its checks were run."""

    notebook_timeout = Integer(600, help="Seconds for all cells together.").tag(config=True)
    max_output = Integer(8, help="The most a cell may show, in megabytes.").tag(config=True)
    grace = Integer(5, help="Seconds to stop after an interrupt, before the end.").tag(config=True)

    nb: NotebookNode

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("kernel_manager_class", SandboxKernelManager)
        super().__init__(*args, **kwargs)

    @default("error_on_timeout")
    def _error_on_timeout_default(self) -> dict[str, Any]:
        return _said("Timeout", STOPPED)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with outputs, and in the resources what needs a look."""
        self.resources, self.deadline = resources, monotonic() + self.notebook_timeout
        self.shown = 0
        looks: dict[str, str] = resources.setdefault("nbgrader", {}).setdefault(LOOK, {})
        unreadable = getattr(self.parent, "unreadable", {}).get(key_of(resources))
        if unreadable:
            self._give_up(nb.cells, Fault(unreadable))
            looks[""] = unreadable
            return nb, resources
        with self._work(resources) as work:
            self.work = work
            try:
                self._run(nb, resources, looks)
            except Fault as fault:
                looks[""] = str(fault)
        student, _, lab = key_of(resources)
        for name, reason in looks.items():
            what = f", {name}" if name else ""
            self.log.warning("Needs a look: %s, %s%s: %s", student, lab, what, reason)
            _summary.setdefault(student, []).append((lab, name, reason))
        return nb, resources

    def _run(self, nb: NotebookNode, resources: dict[str, Any], looks: dict[str, str]) -> None:
        modules = {path.stem: path.read_text(errors="replace") for path in self.work.rglob("*.py")}
        lab = self._lab(resources) or [cell for cell in nb.cells if cell.cell_type == "code"]
        answers = {c.metadata.nbgrader["grade_id"]: c.source for c in lab if is_solution(c)}
        proof = Proof(nb, key_of(resources)[2], modules, answers, parent=self)
        position = 0
        self._reset(nb)
        try:
            with ExitStack() as stack:
                self._start(stack)
                own = [cell.source for cell in nb.cells if cell.cell_type == "code"]
                self.seal = self._sealed(lab, [*modules.values(), *written(own)])
                nb.metadata["language_info"] = {"name": "python"}
                known = iter(self.km.shown)
                for position, cell in enumerate(nb.cells):
                    shown = next(known, None) if _runs(cell) else None
                    if shown and not is_locked(cell):  # what is locked is run again, sealed
                        _show(cell, shown)
                    else:
                        self._run_cell(cell, position, proof)
                self._examine(proof)
        except Fault as fault:
            self._give_up(nb.cells[position:], fault)
            raise
        finally:
            looks.update(proof.verdict())
            for cell in nb.cells:
                _settle(cell, looks)

    def _reset(self, nb: NotebookNode) -> None:
        """Forget the notebook before, as `ExecutePreprocessor.preprocess` does."""
        from nbclient import NotebookClient

        NotebookClient.__init__(self, nb, None)
        self.reset_execution_trackers()

    def _start(self, stack: ExitStack) -> None:
        """Start a kernel; try again if it ends at once, as it may on a machine that is full."""
        try:
            stack.enter_context(self.setup_kernel())
        except RuntimeError:
            stack.enter_context(self.setup_kernel())

    def _sealed(self, lab: list[NotebookNode], files: list[str]) -> Seal:
        """Make the kernel ready for the checks of a lab."""
        locked = tuple(cell.source for cell in lab if is_locked(cell))
        return Seal(self, imports_of(tuple(cell.source for cell in lab), locked), files)

    def _examine(self, proof: Proof) -> None:
        """Have the checks proven; a kernel that does not survive it has proven nothing."""
        self.deadline = monotonic() + self.notebook_timeout
        try:
            proof.finish(self.seal)
        except Fault:
            proof.lost()

    def probe(self, source: str) -> list[NotebookNode]:
        """Run code that is no part of the notebook; return its outputs."""
        cell = new_code_cell(source)
        notebook = self.nb
        self.nb = new_notebook(cells=[cell])
        try:
            self.attempt(cell, 0, store_history=False)
        finally:
            self.nb = notebook
        return cell.outputs

    def _run_cell(self, cell: NotebookNode, position: int, proof: Proof) -> None:
        if cell.cell_type != "code" or not is_locked(cell):
            self.attempt(cell, position)
            return
        graded = is_check(cell)
        if graded:
            proof.before(self.seal, cell)
        outcome = self._run_locked(cell, position)
        if graded and not _told(cell):
            proof.after(cell, outcome)

    def _run_locked(self, cell: NotebookNode, position: int) -> dict[str, Any] | None:
        """Run a cell of the lab's own so that the student's code cannot read or change it."""
        source = cell.source
        cell.source = self.seal.request([source], check=is_check(cell))
        try:
            self.attempt(cell, position, store_history=False)
        finally:
            cell.source = source
        outcome = self.seal.opened(cell.outputs)
        cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
        if outcome is not None and not _told(cell):
            cell.outputs = [o for o in cell.outputs if o.output_type != "error"]
            cell.outputs += _shown(outcome, source)
        return outcome

    def attempt(self, cell: NotebookNode, position: int, store_history: bool = True) -> None:
        """Run a cell; what ends the kernel is raised as a :class:`Fault`."""
        if monotonic() > self.deadline:
            raise Fault(
                f"The notebook as a whole ran for more than {self.notebook_timeout} seconds; the "
                "cells from here on were not run."
            )
        self.shown = 0
        if cell.cell_type == "code":
            cell.outputs = []  # what is left of another run must not pass for this one's
        try:
            self.execute_cell(cell, position, store_history=store_history)
        except DeadKernelError:
            raise Fault(self._obituary()) from None
        except CellTimeoutError:
            raise Fault(
                "This cell ran for too long and could not be interrupted; it and the cells after "
                "it got nothing."
            ) from None
        if cell.cell_type != "code":
            return
        if any(o.output_type == "error" and o.ename == "Timeout" for o in cell.outputs):
            cell.metadata.setdefault(NOTES, NotebookNode())[SAID] = STOPPED
        if self.shown > self.max_output * 2**20:
            cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
            sentence = f"This cell showed more than {self.max_output} megabytes and was stopped."
            _say(cell, "TooMuchOutput", sentence)

    def _obituary(self) -> str:
        return (
            "Python itself ended in this cell (it was told to, it crashed, or it needed more "
            "memory or time than it may have); the cells from here on were not run."
        )

    def _give_up(self, cells: list[NotebookNode], fault: Fault) -> None:
        """Say at the first cell, and at each check, why there is nothing to see."""
        for number, cell in enumerate(cells):
            if cell.cell_type == "code" and (number == 0 or is_check(cell)):
                cell.outputs = cell.outputs if number == 0 else []
                _say(cell, "NotRun", str(fault))

    # What nbclient calls

    def create_kernel_manager(self) -> SandboxKernelManager:
        """Return a manager of a new sandbox, whatever kernel the notebook asks for."""
        _, assignment, lab = key_of(self.resources)
        self.kernel_name = "python3"
        self.km = self.kernel_manager_class(
            sandbox=Sandbox(parent=self),
            assignment=assignment,
            lab=lab,
            work=self.work,
            template=self._template(),
            cells=() if self._brought_along() else beginning(self.nb.cells),
            config=self.config,
        )
        return self.km

    def _template(self) -> Template | None:
        """Return what the lab's kernels can have in common, as the course's source has it."""
        path = self._source(self.resources)
        return Template.of(_read(path.read_text(encoding="utf-8"))) if path else None

    def _brought_along(self) -> bool:
        """Return whether there are files that code could find where a bare lab has none."""
        return any(path.suffix != ".ipynb" for _, path in files_in(self.work))

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        timeout = super()._get_timeout(cell)
        left = max(1, int(self.deadline - monotonic()) + 1)
        return left if timeout is None else min(timeout, left)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Count what a cell shows; stop it where it is too much."""
        kind = msg["msg_type"]
        if kind == "update_display_data" or kind.startswith("comm"):
            return None  # they reach into cells that ran before, and into widgets
        if kind not in ("status", "execute_input"):
            before, limit = self.shown, self.max_output * 2**20
            self.shown += _size(msg["content"])
            if self.shown > limit:
                if before <= limit:
                    self._interrupting = asyncio.ensure_future(self.km.interrupt_kernel())
                if kind != "error":
                    return None
        return super().process_message(msg, cell, cell_index)

    # Files

    @contextmanager
    def _work(self, resources: dict[str, Any]) -> Iterator[Path]:
        """Make a folder with what the student handed in and what the course gives out with it.

        The graded copy is no place to look: nbgrader has put the hidden tests into its notebooks.
        A link is not followed, and what nbgrader copied through one is taken away again.
        """
        graded = Path(resources.get("metadata", {}).get("path") or ".").resolve()
        with tempfile.TemporaryDirectory(prefix="nb") as private:
            work = Path(private, "work")
            work.mkdir()
            handed_in = self._handed_in(resources)
            if handed_in:
                forget_links(handed_in, graded)
                for name, path in files_in(handed_in):
                    if path.suffix == ".ipynb":
                        _copy(path, work / name)
            for name, path in files_in(graded):
                if path.suffix != ".ipynb":
                    _copy(path, work / name)
            work.chmod(0o755)
            yield work

    def _handed_in(self, resources: dict[str, Any]) -> Path | None:
        return self._folder("submitted_directory", *key_of(resources)[:2])

    def _lab(self, resources: dict[str, Any]) -> list[NotebookNode]:
        """Return the code of the lab, with its own answers, in order."""
        path = self._source(resources)
        cells = _read(path.read_text(encoding="utf-8")).cells if path else []
        return [cell for cell in cells if cell.cell_type == "code"]

    def _source(self, resources: dict[str, Any]) -> Path | None:
        """Return the lab in the course's source, None if it is not there."""
        _, assignment, lab = key_of(resources)
        folder = self._folder("source_directory", ".", assignment)
        path = folder / f"{lab}.ipynb" if folder else None
        return path if path and path.exists() else None

    def _folder(self, kind: str, student: str, assignment: str) -> Path | None:
        """Return one of nbgrader's folders, if it was nbgrader that made this preprocessor."""
        courses = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if courses is None:
            return None
        folder = courses.format_path(getattr(courses, kind), student, assignment)
        return Path(folder).resolve()


class SaveGrades(SaveAutoGrades):
    """Save grades as nbgrader does, and flag those that a person should look at."""

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._add_score(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        if name in resources["nbgrader"].get(LOOK, {}):
            grade = self.gradebook.find_grade(
                name, self.notebook_id, self.assignment_id, self.student_id
            )
            grade.needs_manual_grade = True
            self.gradebook.db.commit()


@lru_cache(maxsize=8)
def _read(text: str) -> NotebookNode:
    """Read a lab of the course, which is the same for the whole class wherever it lies."""
    return read_notebook(text)


def _runs(cell: NotebookNode) -> bool:
    """Return whether nbclient runs a cell, if no tag forbids it."""
    return cell.cell_type == "code" and bool(cell.source.strip())


def _show(cell: NotebookNode, shown: dict[str, Any]) -> None:
    """Put into a cell what it showed when the kernel ran it, before this submission was there."""
    cell.metadata["execution"] = {}
    cell.execution_count = shown["count"]
    cell.outputs = [
        output_from_msg({"header": {"msg_type": kind}, "content": content})
        for kind, content in shown["outputs"]
    ]


def _settle(cell: NotebookNode, looks: dict[str, str]) -> None:
    """Leave an error where points cannot be given."""
    reason = looks.get(cell.metadata.nbgrader["grade_id"]) if is_check(cell) else None
    if reason:
        cell.outputs = []
        _say(cell, "NotProven", reason)


def _shown(outcome: dict[str, Any], source: str) -> list[NotebookNode]:
    """Return what nbgrader's rule should see of a check: its error, or a number of points."""
    if outcome["outcome"] == "error":
        name, said = outcome["ename"], outcome["evalue"]
        lines = source.splitlines()
        where = lines[outcome["line"] - 1 : outcome["line"]]
        steps = [*(f"line {outcome['line']}: {line}" for line in where), *outcome["steps"]]
        return [new_output("error", ename=name, evalue=said, traceback=[*steps, f"{name}: {said}"])]
    if outcome["outcome"] == "ok" and outcome["result"] is not None:
        return [new_output("execute_result", data={"text/plain": outcome["result"]})]
    return []


def _told(cell: NotebookNode) -> bool:
    """Return whether it has been said already why a cell was stopped."""
    return bool(cell.metadata.get(NOTES, {}).get(SAID))


def _said(name: str, sentence: str) -> dict[str, Any]:
    return {"ename": name, "evalue": sentence, "traceback": [f"{name}: {sentence}"]}


def _say(cell: NotebookNode, name: str, sentence: str) -> None:
    """Add an error of our own to a cell's outputs, and a note that it is ours."""
    cell.outputs.append(NotebookNode(output_type="error", **_said(name, sentence)))
    cell.metadata.setdefault(NOTES, NotebookNode())[SAID] = sentence


def _size(content: Any) -> int:
    """Return about how many bytes of text a message brings."""
    if isinstance(content, dict):
        return sum(_size(value) for value in content.values())
    if isinstance(content, list):
        return sum(_size(value) for value in content)
    return len(content) if isinstance(content, str) else 8


def forget_links(handed_in: Path, graded: Path) -> None:
    """Take away what nbgrader copied through the links in what was handed in."""
    for path in handed_in.rglob("*"):
        if path.is_symlink():
            (graded / path.relative_to(handed_in)).unlink(missing_ok=True)


def files_in(folder: Path) -> list[tuple[Path, Path]]:
    """Return the files in a folder, but no links, each with its name seen from there."""
    return [
        (path.relative_to(folder), path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def together(looks: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield each reason once: the lab, the cell or how many cells, and the reason.

    Examples
    --------
    >>> list(together([("lab", "a", "late"), ("lab", "b", "late"), ("lab", "", "died")]))
    [('lab', '2 cells', 'late'), ('lab', '', 'died')]
    """
    cells: dict[tuple[str, str], list[str]] = {}
    for lab, cell, reason in looks:
        cells.setdefault((lab, reason), []).append(cell)
    for (lab, reason), found in cells.items():
        yield lab, found[0] if len(found) == 1 else f"{len(found)} cells", reason


_summary: dict[str, list[tuple[str, str, str]]] = {}  # by student: lab, cell, reason


@atexit.register
def _tell_summary() -> None:
    rows = [(student, *row) for student, looks in _summary.items() for row in together(looks)]
    if rows:
        print(f"\n{len(rows)} to look at (marked in the formgrader):")
    for student, lab, cell, reason in rows:
        print(f"  {student}, {lab}{', ' + cell if cell else ''}: {reason}")
