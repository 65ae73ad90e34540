"""Run a submission in the sandbox, whatever happens in it, and have its checks judged elsewhere.

:class:`SandboxedExecute` takes the place of nbgrader's ``Execute`` in ``nbgrader autograde``: the
kernel comes from :mod:`autograders.grading.sandbox`, where a check stands the kernel answers the
judge (:mod:`autograders.grading.judge`), and a fault costs what it broke and becomes a sentence in
the feedback. :class:`SaveGrades` flags what a person should look at.
"""

from __future__ import annotations

import asyncio
import copy
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import sha256
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
import zmq
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, output_from_msg
from nbgrader.preprocessors import Execute, InstantiateTests, SaveAutoGrades
from traitlets import Integer, default

from autograders.grading import summary
from autograders.grading.changes import above_maximum
from autograders.grading.faults import Dead, Fault, Unfair
from autograders.grading.folders import copy_file, files_in, forget_links, has_room
from autograders.grading.framed import framed
from autograders.grading.judge.outcome import STOPPED, reason
from autograders.grading.judge.parts import Marks, is_check, marks_in
from autograders.grading.judge.plan import Plan
from autograders.grading.judge.process import Crossing, Judge
from autograders.grading.judge.verdict import Verdict, printed_in
from autograders.grading.languages import is_above, other_kernel, said_of, tell_openly
from autograders.grading.limits import WHOLE, Key, Limits, cell_key, measured
from autograders.grading.matching import visible
from autograders.grading.notes import MET, NOTE, SAID, WHY, note
from autograders.grading.reading import read_notebook
from autograders.grading.sandbox import (
    About,
    Sandbox,
    SandboxKernelManager,
    Template,
    beginning,
    memory,
)
from autograders.grading.sandbox.inside import SERVE
from autograders.grading.submission import (
    doubts,
    graded,
    key_of,
    remarks,
)

LOOK = "look"  # the key of nbgrader's resources for what a person should look at
_SPARE = 4  # connections more than a lab's checks need
_SLACK = 1  # seconds more for the kernel than for the judge, which is to say first who is late
_READ = 1000  # characters of a line of an error, where a cell shows too much
_STEPS = 50  # lines of it
CLOSED = "{} closed its connection to the grader; the cells from here on were not run."
_TOO_MUCH = "what was shown as the result of this check is more than its points"
_HIDDEN = "it failed; what it tests is hidden"
_FLOOD = 16  # times what a cell may show, after which it is stopped


@dataclass(frozen=True)
class Lab:
    """A lab as the course has it."""

    source: Path
    text: str
    plan: Plan


class SandboxedExecute(Execute):
    """Execute a submission's cells in a sandbox, and have its checks judged apart from them."""

    notebook_timeout = Integer(600, help="Seconds for all cells together.").tag(config=True)
    max_output = Integer(
        8, help="The most a cell may show, in megabytes; of one output, nine are taken."
    ).tag(config=True)
    least = Integer(3, help="Seconds that every cell may take.").tag(config=True)
    own = Integer(30, help="Seconds that a cell may take which the lab does not have.").tag(
        config=True
    )
    patience = Integer(
        10, help="Times as long as the lab's own answers that a submission's may take."
    ).tag(config=True)
    grace = Integer(5, help="Seconds to stop after an interrupt, before the end.").tag(config=True)

    nb: NotebookNode
    verdicts: list[Verdict]
    took: dict[Key, float]  # seconds that a cell took, of those that are no check
    written: dict[str, bytes]  # files, by their names in the notebook's folder

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("kernel_manager_class", SandboxKernelManager)
        super().__init__(*args, **kwargs)

    @default("error_on_timeout")
    def _error_on_timeout_default(self) -> dict[str, Any]:
        return _said("Timeout", STOPPED)

    @default("on_cell_execute")
    def _on_cell_execute_default(self) -> Any:
        return self._listen

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with outputs, and in the resources what needs a look."""
        self.resources = resources
        looks: dict[str, str] = resources.setdefault("nbgrader", {}).setdefault(LOOK, {})
        unreadable = getattr(self.parent, "unreadable", {}).get(key_of(resources))
        looks.update(remarks(nb))
        if unreadable:
            self._give_up(nb.cells, Fault(unreadable))
            looks.update(dict.fromkeys(graded(nb), unreadable))
        else:
            with self._work(resources) as work:
                self.work = work
                try:
                    self._run(nb, looks)
                except Fault as fault:
                    looks[""] = str(fault)
        for name, why in doubts(nb):
            looks.setdefault(name, why)  # what happened comes before what may have
        student, _, lab = key_of(resources)
        for name, why in looks.items():
            summary.tell(self.log, student, lab, name, why)
        return nb, resources

    def _run(self, nb: NotebookNode, looks: dict[str, str]) -> None:
        source = self._source(self.resources)
        if source is None:
            absent = Fault(
                "The lab is not in the course's source, from which its checks are run; it was not "
                "graded."
            )
            looks.update(dict.fromkeys(graded(nb), str(absent)))
            self._give_up(nb.cells, absent)
            return
        text = self._as_released(source, nb)
        lab = Lab(source, text, _plan(text, marks_in(self.config)))
        before, known = copy.deepcopy(nb.cells), dict(looks)
        try:
            position, fault = self._judged(nb, lab, looks)
        except Unfair:
            nb.cells = before
            for name in looks.keys() - known.keys():
                del looks[name]
            position, fault = self._judged(nb, lab, looks)
        for verdict in self.verdicts:
            if verdict.lost:
                looks[verdict.name] = verdict.lost
        # nbconvert writes these beside the notebook, as they would lie there without a sandbox.
        # Where another lab of theirs has written, too, the first one's stay.
        places = self.work, Path(self.resources.get("metadata", {}).get("path") or self.work)
        beside = {
            name: text
            for name, text in self.written.items()
            if all(has_room(place, name) for place in places)
        }
        self.resources.setdefault("outputs", {}).update(beside)
        if fault is not None:
            left = [cell for cell in nb.cells[position:] if is_check(cell)]
            looks.update({cell.metadata.nbgrader["grade_id"]: str(fault) for cell in left})
            self._give_up(nb.cells[position:], fault)
            if not left:
                raise fault

    def _judged(
        self, nb: NotebookNode, lab: Lab, looks: dict[str, str]
    ) -> tuple[int, Fault | None]:
        """Run a notebook and have all of its checks judged, as far as it goes.

        Raises
        ------
        Unfair
            If it has to be run again, now that the lab's own times are known.
        """
        self.limits = self._limits(measured.get(_digest(lab.text)))
        openly = self._openly(nb, lab)
        position, fault = self._once(nb, lab, looks)
        if openly is not None:
            tell_openly(nb.cells[:position], openly)
        if isinstance(fault, Dead) and any(verdict.waiting for verdict in self.verdicts):
            # The copies that waited have ended with it: come to where they were once more.
            found, limits = self.verdicts, self.limits
            self._once(new_notebook(cells=copy.deepcopy(nb.cells[:position])), lab, {})
            again = {verdict.name: verdict for verdict in self.verdicts}
            for verdict in found:
                verdict.take_over(again.get(verdict.name))
            self.verdicts, self.limits = found, limits
        return position, fault

    def _openly(self, nb: NotebookNode, lab: Lab) -> list[NotebookNode] | None:
        """Run a notebook of another language without hidden tests; return its cells.

        Its kernel cannot be copied for them. So what students read is of a kernel that has never
        met any, and the points are of another one. None: there are no hidden tests, or no kernel.
        """
        checks = (cell for cell in _read(lab.text).cells if is_check(cell))
        if not any(self._visible(cell) != cell.source for cell in checks):
            return None
        try:
            if other_kernel(_read(lab.text)) is None:
                return None
        except Fault:
            return None
        without = new_notebook(cells=copy.deepcopy(nb.cells))
        for cell in filter(is_check, without.cells):
            cell.source = self._visible(cell)
        position, _ = self._once(without, lab, {})
        return without.cells[:position]

    def _visible(self, cell: NotebookNode) -> str:
        marks = marks_in(self.config)
        return visible(cell.source, marks.begin, marks.end)

    def _limits(self, measured: Mapping[Key, float] | None) -> Limits:
        """Return what may be taken, where so much is known of the lab's own answers."""
        most = inf if self.timeout is None or self.timeout < 0 else self.timeout
        return Limits(self.least, self.own, self.patience, most, self.notebook_timeout, measured)

    def _measure(self, lab: Lab) -> dict[Key, float]:
        """Run the lab with its own answers, beside what runs now; return how long it takes."""
        self.log.info("Measuring how long the answers of %s take", lab.source.stem)
        beside = type(self)(parent=self.parent, config=self.config, timeout=self.timeout,
                            shutdown_kernel=self.shutdown_kernel)  # fmt: skip
        beside.resources = self.resources
        with ExitStack() as stack:
            beside.limits = replace(self._limits({}), least=inf, own=inf)
            beside.work = beside._given(lab.source, stack)
            start = monotonic()
            beside._once(copy.deepcopy(_read(lab.text)), lab, {})
            whole = monotonic() - start
        taken: dict[Key, float] = {**beside.took, WHOLE: whole}
        for verdict in beside.verdicts:
            for number, outcome in verdict.outcomes.items():
                taken[verdict.name, number] = outcome["seconds"]
        return taken

    def _once(self, nb: NotebookNode, lab: Lab, looks: dict[str, str]) -> tuple[int, Fault | None]:
        """Run the cells of a notebook in a new kernel; return how far it came, and why no further.

        What hidden parts ask is asked last, of copies that were made where they stand.
        """
        self._reset(nb)
        self.lab = lab
        self.cells_of_the_lab = {cell_key(cell.source) for cell in _read(lab.text).cells}
        self.shortage = memory.Shortage()
        try:
            self.spec = other_kernel(_read(lab.text))
        except Fault as missing:
            return 0, missing
        with ExitStack() as stack:
            about = self._about(lab)
            given = self._given(lab.source, stack)
            self.judge = Judge(Sandbox(parent=self), about, lab.plan, given, self.log)
            stack.callback(self.judge.close)
            self._start(stack)
            language = self.spec.language if self.spec else "python"
            nb.metadata["language_info"] = {"name": language}
            position, fault = self._through(nb.cells, looks)
            if fault is None and not self.met_hidden:
                self.written = self._files()  # before hidden parts, of which they could tell
            if not isinstance(fault, Dead):
                for verdict in self.verdicts:
                    uses = self.judge.plan.asked[verdict.name]
                    for key in verdict.settle(partial(self.limits.of, uses=uses)):
                        self._ran_out(key, uses)
            self._finished()
        return position, fault

    def _through(
        self, cells: list[NotebookNode], looks: dict[str, str]
    ) -> tuple[int, Fault | None]:
        known = iter(self.km.shown)
        for position, cell in enumerate(cells):
            shown = next(known, None) if _runs(cell) else None
            try:
                if is_check(cell):
                    self._judge(cell, position, looks)
                elif shown:
                    _show(cell, shown)
                    self.took[cell_key(cell.source)] = shown["seconds"]
                else:
                    self.attempt(cell, position)
            except Fault as fault:
                return position, fault
        return len(cells), None

    def _files(self) -> dict[str, bytes]:
        """Return the files that the notebook has written, by their names in its folder."""
        if not self.lines:
            return {}
        with self.lines.pop(0) as line:
            self.judge.ask_for_files(line, self.least)
        try:
            if self.judge.line is not None:
                self.probe(SERVE)
        except Fault as fault:
            self.log.debug("What was written is lost: %s", fault)
        return self.judge.files()

    def _finished(self) -> None:
        """Do nothing: everything has been run, and kernel and judge are still there."""

    def _about(self, lab: Lab) -> About:
        """Return what the kernel and the judge have to know of the lab."""
        _, assignment, name = key_of(self.resources)
        template = None if self.spec else _template(lab.text)
        self.about = About(assignment, name, template, Crossing(parent=self).of(lab.plan))
        return self.about

    def _reset(self, nb: NotebookNode) -> None:
        """Forget the notebook before, as `ExecutePreprocessor.preprocess` does."""
        from nbclient import NotebookClient

        NotebookClient.__init__(self, nb, None)
        self.reset_execution_trackers()
        self.verdicts = []
        self.written = {}
        self.shown, self.slack, self.flooded, self.met_hidden = 0, 0.0, False, False
        self.asked: Key = None
        self.took = {}
        self.started = monotonic()

    def _start(self, stack: ExitStack) -> None:
        """Start a kernel; try again if it ends at once, as it may on a machine that is full."""
        try:
            stack.enter_context(self.setup_kernel())
        except RuntimeError as error:
            self.log.debug("A kernel is tried again: %s", error)
            if self.km is not None:
                self.km.cleanup_connection_file()
            self.create_kernel_manager()  # which has started what could not be forked
            stack.enter_context(self.setup_kernel())
        parts = sum(len(self.judge.plan.parts(name)) for name in self.judge.plan.checks)
        self.lines = self.km.lines(parts + _SPARE) if parts and not self.spec else []
        stack.callback(self._hang_up)

    def _hang_up(self) -> None:
        for line in self.lines:
            line.close()

    # Checks

    def _judge(self, cell: NotebookNode, position: int, looks: dict[str, str]) -> None:
        """Have a check judged, part by part, as far as it passes."""
        name = cell.metadata.nbgrader["grade_id"]
        cell.outputs = []
        if name not in self.judge.plan.checks:
            looks[name] = "This check is not in the course's source: release the lab again."
            _say(cell, "NotJudged", looks[name])
            return
        if self.spec or self.judge.plan.beside(name):
            self._run_beside(cell, position, name)
            return
        verdict = Verdict(cell, name)
        self.verdicts.append(verdict)
        for number, part in enumerate(self.judge.plan.parts(name)):
            if part.source or self.judge.missing(name):
                self._ask(cell, position, verdict, number, part.hidden)
            if verdict.failed is not None:
                break
        verdict.write()

    def _run_beside(self, cell: NotebookNode, position: int, name: str) -> None:
        """Run a check in the student's kernel: the instructor wants it so, or has no other."""
        hidden = any(part.hidden for part in self.judge.plan.parts(name))
        if self.spec:  # whose parts cannot be told apart, but by the marks around them
            hidden = self._visible(cell) != cell.source
        openly = not (hidden or self.met_hidden)
        self.attempt(cell, position, store_history=False)
        errors = [output for output in cell.outputs if output.output_type == "error"]
        # The answer may have shown results, too, and nbgrader would take the first for the check's.
        results = [o for o in cell.outputs if o.output_type == "execute_result"][-1:]
        if not errors and any(map(partial(is_above, cell), results)):
            errors.append(NotebookNode(output_type="error", **_said("NotReadable", _TOO_MUCH)))
        for error in errors:
            outcome = {"outcome": "error", "ename": error.ename, "evalue": error.evalue, "line": 0}
            why = reason(outcome, cell.source, openly)
            if self.spec:
                why = said_of(error) if openly else _HIDDEN
            note(cell, WHY, why)
        shown = list(printed_in(cell.outputs)) if openly else []
        cell.outputs = [*shown, *(errors or results)]
        if hidden:
            self._met(cell)
        if self.spec:
            summary.others[self.about.lab] = self.spec.display_name
        else:
            summary.beside.setdefault(self.about.lab, set()).add(name)

    def _ask(
        self, cell: NotebookNode, position: int, verdict: Verdict, number: int, hidden: bool
    ) -> None:
        """Have the kernel answer while the judge runs a part of a check.

        A hidden part waits in copies of both. Where there cannot be any, it is run at once, and
        from then on the kernel could speak of it: its students read constant sentences only.
        """
        self.asked = (verdict.name, number)
        seconds = self._get_timeout(cell)
        with self.lines.pop(0) as line:
            waiting = self.judge.ask(verdict.name, number, line, seconds)
        source, cell.source = cell.source, SERVE
        self.slack = _SLACK
        try:
            self.attempt(cell, position, store_history=False)
        except Fault:
            cell.outputs = []  # they may tell of what the check asked
            raise
        finally:
            cell.source, self.slack = source, 0.0
            outcome = self.judge.outcome()
            if outcome["outcome"] == "late":
                self._ran_out(self._key(cell), self._uses(cell))
            self.asked = None
        if outcome["outcome"] == "copied" and waiting is not None:
            verdict.waiting[number] = waiting
            return
        if hidden:
            self._met(cell)
        elif not self.met_hidden:
            verdict.show(cell.outputs, outcome)
        verdict.add(number, outcome, openly=not self.met_hidden)

    def _met(self, cell: NotebookNode) -> None:
        """Note that the student's Python has met hidden tests, here at the latest."""
        self.met_hidden = True
        note(cell, MET, True)

    def probe(self, source: str) -> None:
        """Run code that is no part of the notebook."""
        cell = new_code_cell(source)
        notebook = self.nb
        self.nb = new_notebook(cells=[cell])
        try:
            self.attempt(cell, 0, store_history=False)
        finally:
            self.nb = notebook

    def attempt(self, cell: NotebookNode, position: int, store_history: bool = True) -> None:
        """Run a cell; what ends the kernel is raised as a :class:`Fault`."""
        start, key = monotonic(), self._key(cell)
        if start > self.started + self.limits.of(WHOLE):
            self._ran_out(WHOLE)
            raise Fault(
                f"The notebook as a whole ran for more than {self.limits.of(WHOLE):.0f} seconds; "
                "the cells from here on were not run."
            )
        self.shown = 0
        if cell.cell_type == "code":
            cell.outputs = []  # what is left of another run must not pass for this one's
        try:
            self.execute_cell(cell, position, store_history=store_history)
        except DeadKernelError:
            raise Dead(self._obituary()) from None
        except zmq.Again:
            if not run_sync(self.km.is_alive)():
                raise Dead(self._obituary()) from None
            raise Fault(CLOSED.format(self.language)) from None
        except CellTimeoutError:
            self._ran_out(key, self._uses(cell))
            raise Fault(
                "This cell ran for too long and could not be interrupted; it and the cells after "
                "it got nothing."
            ) from None
        except Exception as error:  # whatever jupyter_client and nbclient stumble over
            run_sync(_leave_off)()
            self.log.warning("A kernel's messages cannot be read: %s", type(error).__name__)
            self.log.debug("They led to this", exc_info=True)
            raise Fault(
                f"What {self.language} sent to the grader could not be read; the cells from here "
                "on were not run."
            ) from None
        if cell.cell_type != "code":
            return
        if any(o.output_type == "error" and o.ename == "Timeout" for o in cell.outputs):
            note(cell, SAID, STOPPED)
            if self.asked is None:
                self._ran_out(self._key(cell), self._uses(cell))
        if self.asked is None:
            self.took[key] = monotonic() - start
        if self.shown > self.max_output * 2**20:
            cell.outputs = [_shortened(o) for o in cell.outputs if o.output_type == "error"]
            sentence = f"This cell showed more than {self.max_output} megabytes; they are left out."
            note(cell, NOTE, sentence)
        if self.flooded:
            self.flooded = False
            self.probe("")  # what is left of the interrupt ends here

    def _obituary(self) -> str:
        if self.shortage:
            return memory.SHORT
        return (
            f"{self.language} itself ended in this cell (it was told to, it crashed, or it needed "
            "more memory or time than it may have); the cells from here on were not run."
        )

    @property
    def language(self) -> str:
        """What the lab's kernel is called."""
        return self.spec.display_name if self.spec else "Python"

    def _give_up(self, cells: list[NotebookNode], fault: Fault) -> None:
        """Say at the first cell, and at each check, why there is nothing to see."""
        for number, cell in enumerate(cells):
            if cell.cell_type == "code" and (number == 0 or is_check(cell)):
                cell.outputs = cell.outputs if number == 0 else []
                _say(cell, "NotRun", str(fault))

    # What nbclient calls

    def create_kernel_manager(self) -> SandboxKernelManager:
        """Return a manager of a new sandbox, whatever kernel the notebook asks for."""
        self.kernel_name = "python3"
        self.km = self.kernel_manager_class(
            sandbox=Sandbox(parent=self),
            about=self.about,
            work=self.work,
            spec=self.spec,
            cells=() if self._brought_along() else beginning(self.nb.cells),
            config=self.config,
        )
        return self.km

    def _brought_along(self) -> bool:
        """Return whether there are files that code could find where a bare lab has none."""
        return any(path.suffix != ".ipynb" for _, path in files_in(self.work))

    def _key(self, cell: NotebookNode | None) -> Key:
        """Return how limits know what is run."""
        if self.asked is not None or cell is None:
            return self.asked
        key = cell_key(cell.source)
        return key if key in self.cells_of_the_lab else None

    def _get_timeout(self, cell: NotebookNode | None) -> float:
        timeout = super()._get_timeout(cell)
        left = max(1, self.started + self.limits.of(WHOLE) - monotonic())
        own = self.limits.of(self._key(cell), self._uses(cell))
        return min([left, own, *([] if timeout is None else [timeout])]) + self.slack

    def _uses(self, cell: NotebookNode | None) -> frozenset[str]:
        """Return which names of the answers something uses; "" stands for code of its own."""
        if self.asked is not None:
            return self.judge.plan.asked[self.asked[0]]
        if cell is None or self.spec:
            return frozenset({""})
        used = self.judge.plan.used(cell.source)
        return used if used and self._key(cell) is not None else used | {""}

    def _ran_out(self, key: Key, uses: frozenset[str] = frozenset()) -> None:
        """Note that something was stopped; first find out how long the lab's own take, if need be.

        Raises
        ------
        Unfair
            If it may take longer than it was given.
        """
        if self.limits.measured is None:
            given, start = self.limits.of(key, uses), monotonic()
            self.limits.measured = self._measure(self.lab)
            measured[_digest(self.lab.text)] = self.limits.measured
            self.started += monotonic() - start  # which is not the student's time
            if self.limits.of(key, uses) > given:
                raise Unfair
        self.limits.ran_out(key, uses)

    def _listen(self, cell: NotebookNode, cell_index: int) -> None:
        """Have a kernel that answers the judge stopped as soon as that says that it is late."""
        if self.asked is not None:
            self.judge.listen(self._interrupt)

    def _interrupt(self) -> None:
        self._interrupting = asyncio.ensure_future(self.km.interrupt_kernel())

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Count what a cell shows; stop it where it is too much."""
        kind = msg["msg_type"]
        if kind == "update_display_data" or kind.startswith("comm"):
            return None  # they reach into cells that ran before, and into widgets
        if kind not in ("status", "execute_input"):
            before, limit = self.shown, self.max_output * 2**20
            self.shown += _size(msg["content"])
            if self.shown > limit:
                if before <= _FLOOD * limit < self.shown:
                    self.flooded = True
                    self._interrupt()
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
                        copy_file(path, work / name)
            for name, path in files_in(graded):
                if path.suffix != ".ipynb":
                    copy_file(path, work / name)
            yield work

    def _handed_in(self, resources: dict[str, Any]) -> Path | None:
        return self._folder("submitted_directory", *key_of(resources)[:2])

    def _given(self, source: Path, stack: ExitStack) -> Path:
        """Make a folder with what the course gives out beside a lab."""
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nb")), "given")
        folder.mkdir()
        for name, path in files_in(source.parent):
            if path.suffix != ".ipynb" and not any(part.startswith(".") for part in name.parts):
                copy_file(path, folder / name)
        return folder

    def _as_released(self, source: Path, nb: NotebookNode) -> str:
        """Return a lab with what nbgrader puts around it, and makes of its `AUTOTEST` lines.

        It made these checks when the lab was released, and has put them back into what is graded.
        """
        text = framed(source.read_text(encoding="utf-8"), self.config, Path(self._courses().root))
        mark = InstantiateTests(config=self.config).autotest_delimiter
        if mark not in text:
            return text
        made = {name: cell.source for name, cell in _checks(nb)}
        lab = copy.deepcopy(_read(text))
        for name, cell in _checks(lab):
            if mark in cell.source:
                cell.source = made.get(name, cell.source)
        return nbformat.writes(lab)

    def _source(self, resources: dict[str, Any]) -> Path | None:
        """Return the lab in the course's source, None if it is not there."""
        _, assignment, lab = key_of(resources)
        folder = self._folder("source_directory", ".", assignment)
        path = folder / f"{lab}.ipynb" if folder else None
        return path if path and path.exists() else None

    def _courses(self) -> Any:
        """Return nbgrader's `CourseDirectory`, if it was nbgrader that made this preprocessor."""
        return getattr(getattr(self.parent, "parent", None), "coursedir", None)

    def _folder(self, kind: str, student: str, assignment: str) -> Path | None:
        """Return one of nbgrader's folders, if it was nbgrader that made this preprocessor."""
        courses = self._courses()
        if courses is None:
            return None
        folder = courses.format_path(getattr(courses, kind), student, assignment)
        return Path(folder).resolve()


class SaveGrades(SaveAutoGrades):
    """Save grades as nbgrader does, and flag those that a person should look at."""

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._add_score(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        looks = resources["nbgrader"].setdefault(LOOK, {})
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.manual_score is not None and grade.manual_score > grade.max_score:
            looks[name] = above_maximum(grade.manual_score, grade.max_score)
            summary.tell(self.log, self.student_id, self.notebook_id, name, looks[name])
        if name in looks:
            grade.needs_manual_grade = True
            self.gradebook.db.commit()


@lru_cache(maxsize=8)
def _read(text: str) -> NotebookNode:
    """Read a lab of the course, which is the same for the whole class wherever it lies."""
    return read_notebook(text)


@lru_cache(maxsize=8)
def _template(text: str) -> Template:
    """Return what kernels of a lab begin with."""
    return Template.of(_read(text))


@lru_cache(maxsize=8)
def _plan(text: str, marks: Marks) -> Plan:
    """Return what the checks of a lab need."""
    return Plan([cell for cell in _read(text).cells if _runs(cell)], marks)


@lru_cache(maxsize=8)
def _digest(text: str) -> str:
    """Return a few letters that stand for a lab."""
    return sha256(text.encode()).hexdigest()[:16]


def _checks(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield a notebook's checks, with their grade ids."""
    for cell in notebook.cells:
        if is_check(cell):
            yield cell.metadata.nbgrader["grade_id"], cell


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


async def _leave_off() -> None:
    """Cancel what nbclient leaves behind when something other than the kernel fails."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _said(name: str, sentence: str) -> dict[str, Any]:
    return {"ename": name, "evalue": sentence, "traceback": [f"{name}: {sentence}"]}


def _say(cell: NotebookNode, name: str, sentence: str) -> None:
    """Add an error of our own to a cell's outputs, and a note that it is ours."""
    cell.outputs.append(NotebookNode(output_type="error", **_said(name, sentence)))
    note(cell, SAID, sentence)


def _shortened(error: NotebookNode) -> NotebookNode:
    """Return an error without what nobody reads."""
    steps = [line[:_READ] for line in error.traceback[-_STEPS:]]
    return NotebookNode(error, evalue=error.evalue[:_READ], traceback=steps)


def _size(content: Any) -> int:
    """Return about how many bytes of text a message brings."""
    if isinstance(content, dict):
        return sum(_size(value) for value in content.values())
    if isinstance(content, list):
        return sum(_size(value) for value in content)
    return len(content) if isinstance(content, str) else 8
