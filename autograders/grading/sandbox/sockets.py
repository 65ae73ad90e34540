"""A folder for a kernel's sockets where it has no room of its own, with a short enough name.

A Unix socket's path has at most 107 bytes, and the folder for temporary files that somebody has
named in ``TMPDIR`` may take more by itself. :mod:`.provisioner` leans on it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autograders.grading.sandbox.bubblewrap import SandboxError

LONGEST = 107  # bytes of a path, as Linux has it
_WITHIN = len("/nb12345678/kernel-ipc-99999")  # what stands in such a folder


def folder() -> Path:
    """Make a new folder, for nobody else, where a socket's path is short enough.

    Raises
    ------
    SandboxError
        If there is no place for one.
    """
    return Path(tempfile.mkdtemp(prefix="nb", dir=place()))


def place(places: Iterable[str] | None = None) -> str:
    """Return the first folder that is short enough and can be written to.

    Parameters
    ----------
    places : iterable of str, optional
        The folders; by default, where temporary files are on this machine.

    Raises
    ------
    SandboxError
        If none is.

    Examples
    --------
    >>> place(["/tmp/" + 90 * "x", "/there/is/no/such/folder", "/tmp"])
    '/tmp'
    """
    tried = list(dict.fromkeys(_places() if places is None else places))
    for path in tried:
        short = len(os.fsencode(path)) + _WITHIN <= LONGEST
        if short and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
            return path
    raise SandboxError(
        f"a kernel's sockets need a folder that can be written to and whose path has at most "
        f"{LONGEST - _WITHIN} bytes; {', '.join(tried)} will not do. Name one: "
        "TMPDIR=/path/to/folder"
    )


def _places() -> list[str]:
    chosen = os.path.abspath(tempfile.gettempdir())
    return [chosen, os.environ.get("XDG_RUNTIME_DIR") or "/tmp", "/tmp", "/var/tmp", "/dev/shm"]
