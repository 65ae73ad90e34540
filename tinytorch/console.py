"""What a command does so that neither the console nor the disk brings it down.

``tinytorch.export``, ``tinytorch.submit`` and ``python -m autograders`` lean on it, and it on
nothing.
"""

from __future__ import annotations

import errno
import io
import sys

_DISK = {
    errno.ENOSPC: "the disk is full; make room, and run this again",
    errno.EDQUOT: "your share of the disk is used up; make room, and run this again",
    errno.EROFS: "it lies where nothing can be written; copy the folder to another place",
    errno.EACCES: "it is not yours, or another program has it open",
    errno.EPERM: "it is not yours, or another program has it open",
}


def print_any_name() -> None:
    """Have names that a console cannot show printed as escapes, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def disk_trouble(error: OSError, what: str = "a file") -> str | None:
    """Return what is the matter with a disk or folder, None if the error is another one.

    Parameters
    ----------
    error : OSError
        What was raised.
    what : str
        What was written, in case that the error does not name it.

    Examples
    --------
    >>> disk_trouble(OSError(errno.ENOSPC, "No space left on device"), "labs.zip")
    'labs.zip: the disk is full; make room, and run this again'
    >>> disk_trouble(FileNotFoundError(errno.ENOENT, "No such file")) is None
    True
    """
    reason = _DISK.get(error.errno or 0)
    return None if reason is None else f"{error.filename or what}: {reason}"
