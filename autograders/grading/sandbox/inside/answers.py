"""The student's side of the conversation: a kernel that can be asked for its answers.

When the grader runs ``SERVE`` in place of a check, the kernel takes the next connection and
does what the judge asks for, until the judge has done. It leans on
:mod:`autograders.grading.crossing`; :mod:`.kernel` makes it.
"""

from __future__ import annotations

import socket
from typing import Any

from ipykernel.ipkernel import IPythonKernel

from autograders.grading.crossing.errors import Ended, Gone
from autograders.grading.crossing.peer import Peer
from autograders.grading.crossing.wire import Line
from autograders.grading.sandbox.inside import SERVE

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
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(WAITING)
        self.listener.settimeout(_PATIENCE)

    def serve(self, namespace: dict[str, Any]) -> None:
        """Answer the judge until it has done; what it left unsaid is over."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(None)
            try:
                self.peer.connect(Line(connection, self.peer.course.largest))
                self.peer.serve(namespace)
                return
            except Gone:
                if self.peer.spoken:
                    return  # else it is one that was given up before
            except Ended as error:
                self.peer.refuse(str(error))
                return
            finally:
                self.peer.disconnect()


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
            self.answers.serve(self.shell.user_ns)
            self.shell.events.trigger("post_execute")  # figures that answers drew are shown here
        except KeyboardInterrupt:
            pass  # the grader's word for: too late
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "user_expressions": {},
            "payload": [],
        }
