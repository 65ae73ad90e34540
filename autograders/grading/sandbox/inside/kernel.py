"""Become the kernel that runs a submission, however the process came to be.

:func:`prepare` is the one place where a kernel is made ready before the first line of a student;
it leans on ipykernel. Started by :mod:`.enter`, and without a sandbox by
:mod:`autograders.grading.sandbox.provisioner`.
"""

from __future__ import annotations

import sys

from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell

HERE = "/inside"  # where this package is in a sandbox


def main(connection_file: str, work: str, *arguments: str) -> None:
    """Serve the sockets that a connection file names; never return.

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
    sys.argv = [IPKernelApp.name]
    app = IPKernelApp.instance(connection_file=connection_file, ignore_cwd=bool(work))
    app.initialize([*arguments])
    assert isinstance(app.shell, ZMQInteractiveShell)
    prepare(app.shell, work)
    app.start()


def prepare(shell: ZMQInteractiveShell, work: str) -> None:
    """Make a new kernel ready for a student's code, which runs next.

    Parameters
    ----------
    shell : ZMQInteractiveShell
        What will run it.
    work : str
        What was handed in can be imported from here, but never in place of what is installed.
    """
    if work:
        sys.path.append(work)
    # These programs are no part of what a student's Python has.
    sys.path[:] = [folder for folder in sys.path if folder != HERE]
    for name in [name for name in sys.modules if name.split(".")[0] == "autograders"]:
        del sys.modules[name]
