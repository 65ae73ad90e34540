"""What a command does so that neither the console nor the disk brings it down.

``tinytorch.export``, ``tinytorch.submit`` and the course's own commands lean on it, and it on
nothing.
"""

from __future__ import annotations

import errno
import io
import re
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


def disk_trouble(error: OSError, what: str | None = None) -> str | None:
    """Return what is the matter with a disk or folder, None if the error is another one.

    Parameters
    ----------
    error : OSError
        What was raised; a ``shutil.Error``, too, which has the errors of many files in its text.
    what : str, optional
        What was to be written (by default, what the error names).

    Examples
    --------
    >>> disk_trouble(OSError(errno.ENOSPC, "No space left on device"), "labs.zip")
    'labs.zip: the disk is full; make room, and run this again'
    >>> disk_trouble(FileNotFoundError(errno.ENOENT, "No such file")) is None
    True
    """
    listed = re.search(r"\[Errno (\d+)\]", str(error))
    reason = _DISK.get(error.errno or (int(listed[1]) if listed else 0))
    return None if reason is None else f"{what or error.filename or 'a folder'}: {reason}"
