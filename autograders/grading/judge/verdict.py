"""What came of a check, part by part, and how it stands in the graded notebook.

The visible parts are judged where the check stands, the hidden ones at the end of the notebook;
the first part that failed is the one that counts. It leans on :mod:`.outcome`; the grader's
``Execute`` leans on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output, output_from_msg

from autograders.grading.judge.outcome import reason
from autograders.grading.judge.process import LOST, Waiting
from autograders.grading.notes import NOTES, SAID, WHERE, WHY

# What is written in place of a check's own failure, by the judge's word for it.
_FAULTS = {"late": "Timeout", "gone": "NoAnswer", "refused": "NotReadable", "lost": "JudgeLost"}


class Verdict:
    """What is known of a check.

    Parameters
    ----------
    cell : NotebookNode
        The check, whose outputs are written.
    name : str
        Its grade id.

    Attributes
    ----------
    waiting : dict of int to Waiting
        By the number of a hidden part: the copies that will judge it.
    """

    def __init__(self, cell: NotebookNode, name: str) -> None:
        self.cell, self.name = cell, name
        self.waiting: dict[int, Waiting] = {}
        self.outcomes: dict[int, dict[str, Any]] = {}
        self.openly: dict[int, bool] = {}
        self.shown: list[NotebookNode] = []

    @property
    def failed(self) -> int | None:
        """The first part that is known to have failed."""
        found = (n for n, o in sorted(self.outcomes.items()) if o["outcome"] != "ok")
        return next(found, None)

    @property
    def lost(self) -> str:
        """What a person should look at: why the judge could not say what came of it."""
        failed = self.failed
        outcome = {} if failed is None else self.outcomes[failed]
        return outcome["evalue"] if outcome.get("outcome") == "lost" else ""

    def add(self, number: int, outcome: dict[str, Any], openly: bool) -> None:
        """Take what the judge said of a part; the student may learn all of it, or a sentence."""
        self.outcomes[number], self.openly[number] = outcome, openly
        self.write()

    def show(self, printed: Iterable[NotebookNode], outcome: dict[str, Any]) -> None:
        """Keep what the answer showed while a part asked it, and what the part itself showed."""
        self.shown += [*printed_in(printed), *map(_as_output, outcome["shown"])]

    def settle(self, seconds: Callable[[tuple[str, int]], float]) -> Iterator[tuple[str, int]]:
        """Have the waiting parts judged, as far as the check passes; yield those that are late.

        Parameters
        ----------
        seconds : callable
            Returns how long one may take by now.

        Yields
        ------
        tuple of str and int
            Grade id and number of a part.
        """
        for number, waiting in sorted(self.waiting.items()):
            if self.failed is None or self.failed > number:
                outcome = waiting.outcome(seconds((self.name, number)))
                self.add(number, outcome, False)
                if outcome["outcome"] == "late":
                    yield self.name, number
            else:
                waiting.close()
        self.waiting.clear()

    def take_over(self, other: Verdict | None) -> None:
        """Take what became of waiting parts from another run of the same notebook."""
        for number in self.waiting:
            found = other.outcomes.get(number) if other else None
            if self.failed is None or self.failed > number:
                self.add(number, found or dict(LOST), False)
        self.waiting.clear()

    def write(self) -> None:
        """Write into the cell what is known."""
        failed = self.failed
        notes = self.cell.metadata.setdefault(NOTES, NotebookNode())
        outputs = list(self.shown)
        if failed is not None:
            outcome = self.outcomes[failed]
            notes[WHY] = reason(outcome, self.cell.source, self.openly[failed])
            notes.pop(WHERE, None)
            if self.openly[failed] and outcome.get("ename") != "AssertionError":
                notes[WHERE] = list(outcome["steps"])
            outputs.append(_failed(outcome, self.cell.source))
        elif self.outcomes:
            notes.pop(SAID, None)  # the kernel was late, the judge was not
            result = self.outcomes[max(self.outcomes)]["result"]
            if result is not None:
                data = {"text/plain": result}
                outputs.append(new_output("execute_result", data=data, execution_count=None))
        if not notes:
            del self.cell.metadata[NOTES]
        self.cell.outputs = outputs


def printed_in(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield what an answer showed while a check asked it; on which stream does not matter."""
    for output in outputs:
        if output.output_type == "stream":
            yield new_output("stream", name="stdout", text=output.text)
        elif output.output_type == "display_data":
            yield output


def _as_output(shown: tuple[str, dict[str, Any]]) -> NotebookNode:
    """Return what a check itself showed."""
    kind, content = shown
    if kind == "stream":
        content = {**content, "name": "stdout"}
    return output_from_msg({"header": {"msg_type": kind}, "content": content})


def _failed(outcome: dict[str, Any], source: str) -> NotebookNode:
    """Return what nbgrader's rule should see of a check that failed, and an instructor read."""
    name, said = _FAULTS.get(outcome["outcome"], outcome["ename"]), outcome["evalue"]
    line, lines = outcome.get("line", 0), source.splitlines()
    where = [f"line {line}: {text}" for text in lines[line - 1 : line]] if line else []
    trace = [*where, *outcome["steps"], f"{name}: {said}"]
    return new_output("error", ename=name, evalue=said, traceback=trace)
