"""The student's side of the conversation: a kernel that can be asked for its answers.

When the grader runs ``SERVE`` in place of a check, the kernel takes the next connection and
does what the judge asks for, until the judge has done. Where a hidden part stands, a copy of the
kernel does, later. It leans on :mod:`autograders.grading.crossing`; :mod:`.kernel` makes it.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from ipykernel.ipkernel import IPythonKernel

from autograders.grading.crossing.errors import Ended, Gone
from autograders.grading.crossing.peer import Peer
from autograders.grading.crossing.wire import Line, dump
from autograders.grading.sandbox.inside import SERVE, copies, files

WAITING = 4096  # connections that the grader makes before the first cell
_PATIENCE = 20  # seconds for the judge to speak


class Answers:
    """Where the judge asks.

    Parameters
    ----------
    path : str
        Of the socket.
    peer : Peer
        What answers.
    """

    def __init__(self, path: str, peer: Peer) -> None:
        self.peer = peer
        peer.operations |= {"files": files.written, "keep": files.keep}
        self.threads = 0  # before any code of the student's was run
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(WAITING)
        self.listener.settimeout(_PATIENCE)

    def serve(self, kernel: Kernel) -> None:
        """Answer the judge until it has done; what it left unsaid is over."""
        assert kernel.shell is not None
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(None)
            try:
                line = Line(connection, self.peer.course.largest)
                seconds = self.peer.greet(line)
                if seconds and not self._leave(line, seconds, kernel):
                    return
                self.peer.begin()
                self.peer.serve(kernel.shell.user_ns)
                return
            except Gone:
                if self.peer.spoken:
                    return  # else it is one that was given up before
            except Ended as error:
                self.peer.refuse(str(error))
                return
            finally:
                self.peer.disconnect()

    def _leave(self, line: Line, seconds: float, kernel: Kernel) -> bool:
        """Leave the conversation to a copy, which ends with it; return whether it has to be here.

        Threads are not copied: where a student has started some, there is no copy.
        """
        try:
            here = copies.threads() > self.threads
            if not (here or copies.copy(seconds, apart=True)):
                return False
        except OSError:
            here = True
        if here:
            line.send(dump({"copied": False}), ())
            return True
        try:
            self.listener.close()
            kernel.fall_silent()
            line.send(dump({"copied": True}), ())
            self.peer.begin()
            self.peer.serve(kernel.shell.user_ns)  # type: ignore[union-attr]
        except Ended as error:
            self.peer.refuse(str(error))
        finally:
            copies.end()


class Kernel(IPythonKernel):
    """A kernel that runs cells, and answers the judge."""

    answers: Answers | None = None

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: Any = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Any = None,
        cell_id: Any = None,
    ) -> dict[str, Any]:
        """Run a cell, or answer the judge where one of its checks stands."""
        if self.answers is not None and not self.answers.threads:
            self.answers.threads = copies.threads()
        if code != SERVE or self.answers is None:
            return await super().do_execute(
                code,
                silent,
                store_history,
                user_expressions,
                allow_stdin,
                cell_meta=cell_meta,
                cell_id=cell_id,
            )
        try:
            assert self.shell is not None
            self.answers.serve(self)
            self.shell.events.trigger("post_execute")  # figures that answers drew are shown here
        except KeyboardInterrupt:
            pass  # the grader's word for: too late
        except Exception:
            # A notebook may leave Python in a state in which nothing can be set or asked. The judge
            # knows, since the conversation is over; the grader would wait for the end of this cell.
            self.log.debug("The judge was not answered", exc_info=True)
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "user_expressions": {},
            "payload": [],
        }

    def fall_silent(self) -> None:
        """Send nothing any more, whoever still has something to print or to show."""
        assert self.iopub_thread is not None
        self.iopub_thread.schedule = lambda act: None
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
