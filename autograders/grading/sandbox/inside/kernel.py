"""Become the kernel that runs a submission, however the process came to be.

Started by :mod:`.enter`, forked by :mod:`.zygote`, and without a sandbox started by
:mod:`autograders.grading.sandbox.provisioner`. It leans on ipykernel, :mod:`.answers` and
:mod:`.short`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence

import zmq
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell

from autograders.grading.crossing.peer import Course, Peer
from autograders.grading.sandbox.inside import SOCKET
from autograders.grading.sandbox.inside.answers import Answers, Kernel
from autograders.grading.sandbox.inside.short import keep_short

QUEUED = 10_000  # messages that may wait here; where the grader reads them, hardly any may
HERE = "/inside"  # where this package is in a sandbox


def main(connection_file: str, work: str, course: str, *arguments: str) -> None:
    """Serve the sockets that a connection file names; return when told to.

    Parameters
    ----------
    connection_file : str
        As jupyter_client writes it.
    work : str
        The folder with what was handed in; '': there is none, and modules come from the working
        directory first, as in any notebook.
    course : str
        JSON with what the kernel and the judge agree on.
    *arguments : str
        ipykernel's own, which nbclient adds.
    """
    serve(connection_file, work, course, arguments)


def serve(
    connection_file: str,
    work: str,
    course: str,
    arguments: Sequence[str],
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Be a kernel; take over the shell that there is already, if there is one.

    Parameters
    ----------
    connection_file, work, course, arguments
        As in :func:`main`.
    announce : callable
        Called once, when the sockets are there and before any code is run.
    """
    sys.argv = [IPKernelApp.name]
    app = IPKernelApp.instance(
        connection_file=connection_file, ignore_cwd=bool(work), kernel_class=Kernel
    )
    app.initialize([*arguments])
    assert isinstance(app.shell, ZMQInteractiveShell)
    app.shell.kernel = app.shell.parent = app.kernel
    vars(app.shell).pop("enable_gui", None)  # what it was before there was a kernel
    path = os.path.join(os.path.dirname(connection_file), SOCKET)
    peer = Peer(Course.read(json.loads(course)), judge=False)
    app.kernel.answers = Answers(path, peer)
    stay(app.shell)
    # Since Python 3.13 dbm and shelve take this first. It needs SQLite's write-ahead log, and that
    # asks who has a lock, which is denied; without it they take what there was before.
    sys.modules["dbm.sqlite3"] = None  # type: ignore[assignment]
    # To send something large, such as a figure, without copying it starts a thread that stays, and
    # a kernel with threads cannot be copied for hidden parts.
    app.session.copy_threshold = sys.maxsize
    keep_short(app.session)
    if app.iopub_socket is not None:
        app.iopub_socket.setsockopt(zmq.SNDHWM, QUEUED)
    tidy(work)
    announce()
    app.start()


def stay(shell: ZMQInteractiveShell) -> None:
    """Let ``exit`` and ``quit`` end nothing but themselves.

    ipykernel ends a tenth of a second after them. Whether the checks below are asked in that time
    would be chance; and who leaves an ``exit()`` behind means their own session.
    """
    shell.unobserve(ZMQInteractiveShell._update_exit_now, names="exit_now")
    shell.ask_exit = _say_that_it_goes_on  # type: ignore[method-assign]


def _say_that_it_goes_on() -> None:
    print("Python was told to end here; for grading it goes on.")


def tidy(work: str) -> None:
    """Leave of these programs nothing that can be imported.

    What was handed in can be imported, but never in place of what is installed.
    """
    sys.path[:] = [folder for folder in sys.path if folder not in (HERE, work, "")]
    if work:
        sys.path += [work, ""]  # last: where the notebook is, and where it goes
    for name in [name for name in sys.modules if name.split(".")[0] == "autograders"]:
        del sys.modules[name]
