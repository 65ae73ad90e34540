"""A process that has imported what a lab imports, and forks kernels and judges.

It stands in a sandbox with the lab's view, runs the course's own code and no student's, holds no
secret, and keeps of root's rights those that :mod:`.border` needs. What it forks moves into another
sandbox, made for one submission's kernel or for its judge, before it does anything else.
:mod:`autograders.grading.sandbox.warm` starts it and talks to it.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import io
import json
import os
import random
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from autograders.grading.crossing.peer import Course
from autograders.grading.sandbox.inside import border, enter, judge, kernel, recorder

IDLE = 3600  # seconds without a request after which nobody is thought to be there
_LARGEST = 2**18


def main(plan: str) -> None:
    """Get ready as the plan says, then do what the socket asks for until it is closed.

    Parameters
    ----------
    plan : str
        JSON with ``socket`` (its number), ``files`` that Bubblewrap has left open, ``modules`` to
        import, ``work``, the folder that a kernel works in, and ``course``, what a kernel and its
        judge agree on.
    """
    given = json.loads(plan)
    requests = socket.socket(fileno=given["socket"])
    for file in given["files"]:
        os.close(file)
    os.mkdir(given["work"])
    os.chdir(given["work"])
    try:
        border.rehearse()
        zygote = Zygote(requests, given["work"], Course.read(given["course"]))
        zygote.warm_up(given["modules"])
        told = {"trouble": _leftover({0, 1, 2, requests.fileno()})}
    except Exception as error:
        told = _trouble(error)
    requests.send(json.dumps(told).encode())
    if told["trouble"] is None:
        zygote.listen()


class Zygote:
    """Answers requests for kernels, and for zygotes that have run one more cell of the lab.

    Parameters
    ----------
    requests : socket.socket
        Where they come from: JSON, and open files with it.
    work : str
        The folder that a kernel works in.
    course : Course
        What a kernel and its judge agree on.
    """

    def __init__(self, requests: socket.socket, work: str, course: Course) -> None:
        self.requests, self.work, self.course, self.cells = requests, work, course, 0
        self.shell, self.recorder = recorder.shell()
        course.modules()
        kernel.tidy(work)

    def warm_up(self, modules: Iterable[str]) -> None:
        """Import modules; the shell is there already, as it is when a notebook imports them."""
        for name in filter(_is_module, modules):
            importlib.import_module(name)
        if "matplotlib.pyplot" in sys.modules:
            _draw()
        if "hypothesis" in sys.modules:
            _suppose()

    def listen(self) -> None:
        """Serve until the other end is closed."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
        while True:
            gc.collect()
            gc.freeze()  # what is here now is shared with every kernel: do not touch it
            self.requests.settimeout(IDLE)
            try:
                text, files, _, _ = socket.recv_fds(self.requests, _LARGEST, 16)
            except TimeoutError:
                return
            if not text:
                return
            request = json.loads(text)
            act = {"run": self._run, "kernel": self._kernel, "judge": self._judge}[request["do"]]
            if self._fork() == 0:
                _end_with(partial(act, request, files), files[0])
            for file in files:
                os.close(file)

    def _run(self, request: dict[str, Any], files: Sequence[int]) -> None:
        """Run a cell, say what it showed, and be the zygote for those that have it too."""
        answer, requests = files
        self.requests.close()
        self.requests = socket.socket(fileno=requests)
        before, start = _files(), time.perf_counter()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _reopen({0, 1, 2, answer, requests})
        shown = recorder.run(self.shell, self.recorder, request["source"])
        shown["seconds"] = time.perf_counter() - start
        self.cells += 1
        if shown["trouble"] is None and _files() != before:
            shown["trouble"] = "it leaves files behind"
        shown["trouble"] = shown["trouble"] or _leftover({0, 1, 2, answer, requests})
        _tell(answer, shown)
        if shown["trouble"] is None:
            self.listen()

    def _kernel(self, request: dict[str, Any], files: Sequence[int]) -> None:
        """Become a kernel, in a sandbox of its own."""
        answer, lifeline, *namespaces = files
        if not self._move(request, answer, lifeline, namespaces):
            return
        connection_file, work, course, *arguments = request["command"]
        if self.cells:
            self._restore_at_first_cell(random.getstate())
        ready = partial(_tell, answer, {"trouble": None})
        kernel.serve(connection_file, work, course, arguments, ready)

    def _judge(self, request: dict[str, Any], files: Sequence[int]) -> None:
        """Become a judge, in a sandbox of its own."""
        answer, lifeline, control, *namespaces = files
        if not self._move(request, answer, lifeline, namespaces, control):
            return
        _tell(answer, {"trouble": None})
        judge.serve(socket.socket(fileno=control), self.course, self.shell, self.recorder)

    def _move(
        self,
        request: dict[str, Any],
        answer: int,
        lifeline: int,
        namespaces: Sequence[int],
        *others: int,
    ) -> bool:
        """Move into a sandbox and fork again: only what is forked then is among its processes.

        Returns
        -------
        bool
            Whether this is the process inside; the other has waited for its end.
        """
        self.requests.close()
        border.join(namespaces)
        for namespace in namespaces:
            os.close(namespace)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        forked = self._fork()
        if forked:
            for file in (answer, *others):
                os.close(file)
            border.drop_capabilities()
            os.waitpid(forked, 0)
            os.close(lifeline)  # and with it the sandbox ends
            return False
        os.close(lifeline)
        os.setsid()  # or kill(0) would reach the zygote
        border.drop_rights(request["user"], request["identity"])
        enter.settle(request)
        if not self.cells and "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()  # by chance, as in a new Python
        known = {0, 1, 2, answer, *others}
        _reopen(known)
        if trouble := _leftover(known):
            raise RuntimeError(trouble)
        return True

    def _restore_at_first_cell(self, state: Any) -> None:
        """Have random numbers as the lab's cells left them: becoming a kernel draws some too."""
        events = self.shell.events

        def restore(*_: Any) -> None:
            random.setstate(state)
            events.unregister("pre_run_cell", restore)

        events.register("pre_run_cell", restore)

    def _fork(self) -> int:
        """Fork; Python shuffles random numbers then, which the lab's cells may have set."""
        state = random.getstate()
        forked = os.fork()
        if not forked and self.cells:
            random.setstate(state)
        return forked


def _end_with(act: Callable[[], None], answer: int) -> NoReturn:
    """Do something as the last thing that a process does; say what went wrong."""
    try:
        act()
    except BaseException as error:
        try:
            _tell(answer, _trouble(error))
        finally:
            os._exit(1)
    os._exit(0)


def _trouble(error: BaseException) -> dict[str, Any]:
    """Return what went wrong, and whether it is what this system forbids to everybody."""
    forbidden = isinstance(error, PermissionError)
    return {"trouble": f"{type(error).__name__}: {error}", "forbidden": forbidden}


def _tell(answer: int, what: dict[str, Any]) -> None:
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(what, file)


def _is_module(name: str) -> bool:
    """Return whether there is such a module; those that come with a submission are not here."""
    package = name.rpartition(".")[0]
    if package and not _is_module(package):
        return False
    if package and not hasattr(importlib.import_module(package), "__path__"):
        return False
    return find_spec(name) is not None


def _draw() -> None:
    """Draw a figure that nobody sees: fonts and the renderer's modules are there then."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(title="$1$", xlabel="x")
    axes.plot([0, 1], label="y")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def _suppose() -> None:
    """Test a property that holds: what Hypothesis looks up once is there then."""
    from hypothesis import given, settings, strategies

    numbers = strategies.lists(strategies.floats() | strategies.integers())
    if "hypothesis.extra.numpy" in sys.modules:
        numbers |= sys.modules["hypothesis.extra.numpy"].arrays("f4", (2, 2))

    @settings(derandomize=True, database=None, deadline=None, max_examples=5)
    @given(numbers)
    def holds(numbers: Any) -> None:
        assert len(numbers) >= 0

    holds()


def _files() -> set[Path]:
    return set(Path("/tmp").rglob("*"))


def _leftover(known: set[int]) -> str | None:
    """Return what kernels forked from here would miss, or would have in common.

    Threads are not forked. Open files have one position for all, unless they can be opened anew,
    and memory can be shared.
    """
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        return f"it leaves {threads - 1} more threads running"
    gc.collect()
    for number in _open(known):
        only_read = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if not (stat.S_ISREG(os.fstat(number).st_mode) and only_read):
            return f"it leaves {os.readlink(f'/proc/self/fd/{number}')} open"
    for line in Path("/proc/self/maps").read_text().splitlines():
        rights = line.split()[1]
        if "w" in rights and "s" in rights:
            return f"it leaves memory shared: {line}"
    return None


def _reopen(known: set[int]) -> None:
    """Open what is open for reading (Matplotlib's fonts) anew, where it was being read."""
    for number in _open(known):
        anew = os.open(os.readlink(f"/proc/self/fd/{number}"), os.O_RDONLY)
        if not os.path.sameopenfile(anew, number):
            raise RuntimeError(f"{os.readlink(f'/proc/self/fd/{number}')} is another file now")
        os.lseek(anew, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
        os.dup2(anew, number, inheritable=False)
        os.close(anew)


def _open(known: set[int]) -> list[int]:
    """Return what is open beside known files."""
    with os.scandir("/proc/self/fd") as entries:
        numbers = {int(entry.name) for entry in entries}
    # The listing itself was open too.
    return [n for n in numbers - known if os.path.islink(f"/proc/self/fd/{n}")]
