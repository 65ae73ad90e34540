"""Run one lab with many answers: the cells they share once, the rest in a fork for each answer.

:mod:`autograders.course.answers.runner` starts this as a program, with the cells and the answers as
JSON on standard input, and reads a line of JSON for each answer from standard output. It needs
IPython and, for `fork`, a POSIX system; it knows nothing of nbgrader.

A fork inherits everything that the cells before the answer made: data, imports, a trained model.
So fifty wrong answers to the last question cost one run of the lab and fifty runs of its end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.formatters import format_display_data
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config


class Shell(InteractiveShell):
    """IPython as a kernel runs it, without the kernel."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept what ``%matplotlib inline`` asks for: there is no event loop to join."""


def start_shell() -> Shell:
    """Return a shell that keeps no history on disk and formats errors without colours."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    return Shell.instance(config=config)


def run_cell(shell: Shell, source: str, timeout: int) -> dict[str, str | None]:
    """Run a cell for at most `timeout` seconds.

    Returns
    -------
    dict
        What nbgrader's rule looks at: ``error`` (type and message, None if there was none),
        ``stderr`` (text) and ``result`` (the last expression's text, None if there was none).
    """

    def interrupt(signum: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt(f"no answer after {timeout} seconds")

    signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(timeout)
    try:
        with capture_output() as captured:
            outcome = shell.run_cell(source, store_history=True)
    finally:
        signal.alarm(0)
    error = outcome.error_before_exec or outcome.error_in_exec
    result = None
    if error is None and outcome.result is not None:
        result = format_display_data(outcome.result)[0].get("text/plain")
    return {
        "error": None if error is None else f"{type(error).__name__}: {error}".removesuffix(": "),
        "stderr": captured.stderr,
        "result": result,
    }


class Replay:
    """A lab being run, and the forks that run answers to it.

    Parameters
    ----------
    task : dict
        ``cells``: list of ``{"source", "check"}``, `check` being the grade id of a check or None;
        ``answers``: list of ``{"name", "cells"}``, sources by the cell's position as a string;
        ``jobs``: the most forks at a time; ``timeout``: seconds for a cell; ``one_failure``:
        whether to leave an answer at the first check that ends in an error.
    """

    def __init__(self, task: dict[str, Any], channel: int) -> None:
        self.cells, self.jobs, self.timeout = task["cells"], task["jobs"], task["timeout"]
        self.one_failure = task["one_failure"]
        self.channel = channel
        self.shell = start_shell()
        self.notes = Path(tempfile.mkdtemp(dir="."))
        self.running: dict[int, str] = {}
        self.starting = defaultdict(list)
        for answer in task["answers"]:
            self.starting[min(map(int, answer["cells"]))].append(answer)

    def run(self) -> None:
        """Run the reference from top to bottom, and every answer from its first own cell."""
        done: dict[str, dict[str, str | None]] = {}
        for position, cell in enumerate(self.cells):
            for answer in self.starting[position]:
                self._fork(answer, position, done)
            self._run_one(cell["source"], cell["check"], done)
        self._report("reference", done)
        while self.running:
            self._wait()

    def _run_one(self, source: str, check: str | None, done: dict[str, Any]) -> None:
        outcome = run_cell(self.shell, source, self.timeout)
        if check is not None:
            done[check] = outcome

    def _fork(self, answer: dict[str, Any], position: int, done: dict[str, Any]) -> None:
        while len(self.running) >= self.jobs:
            self._wait()
        process = os.fork()
        if process:
            self.running[process] = answer["name"]
            return
        # The fork writes down what it knows after every check: a check that kills the process
        # loses itself and those after it, never those before.
        notes, status = self._notes(answer["name"]), 1
        try:
            notes.write_text(json.dumps(done))
            for number, cell in enumerate(self.cells[position:], start=position):
                self._run_one(answer["cells"].get(str(number), cell["source"]), cell["check"], done)
                if cell["check"] is not None:
                    notes.write_text(json.dumps(done))
                    if self.one_failure and done[cell["check"]]["error"] is not None:
                        break
            status = 0
        finally:
            os._exit(status)

    def _wait(self) -> None:
        process, status = os.wait()
        if process in self.running:
            name = self.running.pop(process)
            outcomes = json.loads(self._notes(name).read_text())
            if status:
                died = {"error": "the process died", "stderr": "", "result": None}
                checks = [cell["check"] for cell in self.cells if cell["check"] is not None]
                outcomes = {check: outcomes.get(check, died) for check in checks}
            self._report(name, outcomes)

    def _notes(self, name: str) -> Path:
        return self.notes / f"{name}.json"

    def _report(self, name: str, outcomes: dict[str, Any]) -> None:
        line = json.dumps({"answer": name, "outcomes": outcomes}) + "\n"
        with open(os.dup(self.channel), "w", encoding="utf-8") as out:
            out.write(line)


def main() -> None:
    """Read the task, run it in an empty folder, write an answer's outcomes a line."""
    task = json.load(sys.stdin)
    channel = os.dup(1)  # what cells print, also from C, must not mix with the outcomes
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Replay(task, channel).run()


if __name__ == "__main__":
    main()
