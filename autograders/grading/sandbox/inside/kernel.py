"""Become the kernel that runs a submission, however the process came to be.

:func:`prepare` is the one place where a kernel is made ready before the first line of a student;
it leans on ipykernel. Started by :mod:`.enter`, forked by :mod:`.zygote`, and without a sandbox
started by :mod:`autograders.grading.sandbox.provisioner`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell

HERE = "/inside"  # where this package is in a sandbox


def main(connection_file: str, work: str, *arguments: str) -> None:
    """Serve the sockets that a connection file names; return when told to.

    Parameters
    ----------
    connection_file : str
        As jupyter_client writes it.
    work : str
        The folder with what was handed in; '': there is none, and modules come from the working
        directory first, as in any notebook.
    *arguments : str
        ipykernel's own, which nbclient adds.
    """
    serve(connection_file, work, arguments)


def serve(
    connection_file: str,
    work: str,
    arguments: Sequence[str],
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Be a kernel; take over the shell that there is already, if there is one.

    Parameters
    ----------
    connection_file, work, arguments
        As in :func:`main`.
    announce : callable
        Called once, when the sockets are there and before any code is run.
    """
    sys.argv = [IPKernelApp.name]
    app = IPKernelApp.instance(connection_file=connection_file, ignore_cwd=bool(work))
    app.initialize([*arguments])
    assert isinstance(app.shell, ZMQInteractiveShell)
    app.shell.kernel = app.shell.parent = app.kernel
    prepare(app.shell, work)
    announce()
    app.start()


def prepare(shell: ZMQInteractiveShell, work: str) -> None:
    """Make a new kernel ready for a student's code, which runs next.

    Parameters
    ----------
    shell : ZMQInteractiveShell
        What will run it. Cells of the lab that stand before any student's may have been run.
    work : str
        As in :func:`main`.
    """
    tidy(work)


def tidy(work: str) -> None:
    """Leave of these programs nothing that can be imported.

    What was handed in can be imported, but never in place of what is installed.
    """
    sys.path[:] = [folder for folder in sys.path if folder not in (HERE, work)]
    if work:
        sys.path.append(work)
    for name in [name for name in sys.modules if name.split(".")[0] == "autograders"]:
        del sys.modules[name]
