"""Keep zygotes, from which kernels are forked that need not be started.

A lab's first kernel takes as long as ever; what it does before it comes to an answer (starting
Python, importing what the lab imports, running the cells that stand before the first answer) is
kept in a :class:`Zygote`, and the next submission's kernel is forked from there into a sandbox of
its own. It leans on :mod:`.bubblewrap` and :mod:`.view`, and starts :mod:`.inside.zygote`;
:mod:`.provisioner` leans on it.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import select
import socket
import subprocess
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from autograders.grading.sandbox import memory

# Seconds: a stage is worth a process of its own if it saves this much.
WORTH = 0.2
PATIENCE = 120
SPARE = 512 * memory.MEGABYTE  # what a lab is given up for that was kept
_FAILURES = 3  # after which a lab's kernels are not forked any more
_MARKED = (is_grade, is_solution, is_locked)
_HEEDED = {"skip-execution", "raises-exception"}


class WarmError(RuntimeError):
    """There is no zygote for a lab; the message says why, and a kernel can be started without."""


class ForbiddenError(WarmError):
    """Nothing can be forked into a sandbox on this system, for whatever lab."""


def heed(answer: dict[str, Any]) -> None:
    """Raise the trouble that a zygote tells of, if there is any."""
    if answer["trouble"]:
        if answer.get("forbidden"):
            raise ForbiddenError(f"this system does not allow it ({answer['trouble']})")
        raise WarmError(answer["trouble"])


@dataclass(frozen=True)
class Template:
    r"""What all submissions to a lab have in common before they differ.

    Attributes
    ----------
    modules : tuple of str
        What the lab imports, in this order; also what it imports from modules, which may be one.
    cells : tuple of str
        Sources of the code cells before the first answer, check or locked cell: the course's own
        code, without a hidden test.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cells = [new_code_cell("import math\nfrom json import decoder, loads")]
    >>> Template.of(new_notebook(cells=cells)).modules
    ('math', 'json', 'json.decoder', 'json.loads')
    """

    modules: tuple[str, ...]
    cells: tuple[str, ...]

    @classmethod
    def of(cls, lab: NotebookNode) -> Template:
        """Return the template of a lab, as it is in the course's source."""
        code = [cell for cell in lab.cells if cell.cell_type == "code" and cell.source.strip()]
        modules = [name for cell in code for name in _imports(cell.source)]
        first = next(
            (n for n, cell in enumerate(code) if any(kind(cell) for kind in _MARKED)), len(code)
        )
        return cls(tuple(dict.fromkeys(modules)), beginning(code[:first]))


def beginning(cells: Iterable[NotebookNode]) -> tuple[str, ...]:
    """Return what a notebook runs first: sources of code cells, up to a tag that nbclient heeds."""
    code = (cell for cell in cells if cell.cell_type == "code" and cell.source.strip())
    plain = takewhile(lambda cell: _HEEDED.isdisjoint(cell.metadata.get("tags") or ()), code)
    return tuple(cell.source for cell in plain)


def _imports(source: str) -> Iterator[str]:
    """Yield what a cell imports on its outermost level."""
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class Zygote:
    """One end of a line to a process that forks kernels.

    Parameters
    ----------
    line : socket.socket
        The line, which ends the process when it is closed.
    shown : tuple of dict
        By cell that the process has run: what :func:`.inside.recorder.run` returned.
    """

    def __init__(self, line: socket.socket, shown: tuple[dict[str, Any], ...] = ()) -> None:
        self.line, self.shown = line, shown

    def ask(self, request: dict[str, Any], files: Sequence[int] = ()) -> dict[str, Any]:
        """Send a request, with open files; return the answer.

        Raises
        ------
        WarmError
            If there is none: the process has ended.
        """
        read, write = os.pipe()
        try:
            socket.send_fds(self.line, [json.dumps(request).encode()], [write, *files])
        except OSError as error:
            os.close(read)
            raise WarmError(f"its zygote is gone ({error.strerror})") from None
        finally:
            os.close(write)
        return _answer(read)

    def advance(self, source: str) -> Zygote | None:
        """Return a zygote that has run one more cell; None if that cell cannot be shared."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                shown = self.ask({"do": "run", "source": source}, [theirs.fileno()])
        except WarmError:  # nobody survives this cell
            shown = {"trouble": "it ends Python"}
        if shown["trouble"]:
            ours.close()
            return None
        return Zygote(ours, (*self.shown, shown))

    def close(self) -> None:
        """Let the process end."""
        self.line.close()


def _answer(read: int) -> dict[str, Any]:
    with open(read, encoding="utf-8") as file:
        if not select.select([file], [], [], PATIENCE)[0]:
            raise WarmError(f"its zygote said nothing for {PATIENCE} seconds")
        text = file.read()
    if not text:
        raise WarmError("its zygote ended without an answer")
    return json.loads(text)


class WarmLab:
    """The zygotes of one lab: one that has imported what it imports, and some that have run cells.

    Parameters
    ----------
    command : list of str
        Bubblewrap's, with everything that a zygote sees.
    files : list of int
        Open files that the command names.
    template : Template
        What to get ready for.
    work : str
        The folder that a kernel works in.
    course : dict
        What a kernel and its judge agree on.

    Raises
    ------
    WarmError
        If this machine, or the lab, does not allow it.
    """

    def __init__(
        self,
        command: list[str],
        files: Sequence[int],
        template: Template,
        work: str,
        course: dict[str, Any],
    ) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        plan = {
            "socket": theirs.fileno(),
            "files": [*files],
            "modules": template.modules,
            "work": work,
            "course": course,
        }
        with theirs:
            self.process = subprocess.Popen(
                [*command, json.dumps(plan)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno(), *files],
                start_new_session=True,
            )
        self.cells, self.stages = template.cells, [Zygote(ours)]
        try:
            self._greet(ours)
            self._advance()
        except WarmError:
            self.close()
            raise

    def _greet(self, line: socket.socket) -> None:
        line.settimeout(PATIENCE)
        try:
            text = line.recv(2**18)
        except TimeoutError:
            text = b""
        line.settimeout(None)
        if not text:
            raise WarmError("its zygote could not be started")
        heed(json.loads(text))

    def _advance(self) -> None:
        """Run the lab's cells as far as they can be shared, and keep the stages that are worth it.

        A stage between two others serves submissions that differ in the cell after it.
        """
        latest, since = self.stages[0], inf
        for source in self.cells:
            stage = latest.advance(source)
            if stage is None:
                break
            if since < WORTH:
                self.stages.remove(latest)
                latest.close()
            else:
                since = 0
            since += stage.shown[-1]["seconds"]
            self.stages.append(stage)
            latest = stage

    def stage(self, cells: Sequence[str]) -> Zygote:
        """Return the zygote that has run the most of what a submission begins with."""
        common = 0
        for ours, theirs in zip(self.cells, cells, strict=False):
            if ours != theirs:
                break
            common += 1
        return [stage for stage in self.stages if len(stage.shown) <= common][-1]

    def alive(self) -> bool:
        """Return whether the first process is there."""
        return self.process.poll() is None

    def close(self) -> None:
        """Let the processes end, and wait for the first."""
        for stage in self.stages:
            stage.close()
        self.process.kill()
        self.process.wait()


class _Kept:
    """The labs of this process that are warm, the latest used last."""

    def __init__(self) -> None:
        self.labs: OrderedDict[Any, WarmLab] = OrderedDict()
        self.troubles: dict[Any, str] = {}
        self.failures: Counter[Any] = Counter()
        self.refused: ForbiddenError | None = None
        self.lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], WarmLab], most: int) -> WarmLab:
        """Return a lab's zygotes, made if they are not there or no longer.

        Raises
        ------
        WarmError
            If they cannot be made, which is not tried a second time, or failed just now.
        """
        with self.lock:
            if self.refused:
                raise self.refused
            if key in self.troubles:
                keep = self.failures[key] == 0 or self.failures[key] >= _FAILURES
                raise WarmError(self.troubles[key] if keep else self.troubles.pop(key))
            lab = self.labs.pop(key, None)
            if lab is not None and not lab.alive():
                lab.close()
                lab = None
            if lab is None:
                while self.labs and (len(self.labs) >= most or memory.free() < SPARE):
                    self.labs.popitem(last=False)[1].close()
                try:
                    lab = make()
                except ForbiddenError as error:
                    self.refused = error
                    raise
                except (WarmError, OSError) as error:
                    self.troubles[key] = str(error)
                    raise WarmError(str(error)) from None
            self.labs[key] = lab
            return lab

    def drop(self, lab: WarmLab, why: Exception) -> None:
        """Let a lab's zygotes end, of which one failed; the lab's next kernel will be started."""
        with self.lock:
            if isinstance(why, ForbiddenError):
                self.refused = why
            for key in [key for key, held in self.labs.items() if held is lab]:
                del self.labs[key]
                self.failures[key] += 1
                self.troubles[key] = str(why)
            lab.close()

    def close(self) -> None:
        """Let all end."""
        with self.lock:
            while self.labs:
                self.labs.popitem()[1].close()

    def forget(self) -> None:
        """Leave all to the process that this one was forked from."""
        labs, self.labs, self.lock = self.labs, OrderedDict(), threading.Lock()
        for lab in labs.values():
            for stage in lab.stages:
                stage.close()


kept = _Kept()
atexit.register(kept.close)
if hasattr(os, "register_at_fork"):  # Windows, where nothing is graded, has no fork
    os.register_at_fork(after_in_child=kept.forget)
