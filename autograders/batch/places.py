"""Where submissions are built, whose turn it is, and what is to be done again.

Everything is kept in the file system, beside the folders that it is about, in a form that outlives
the process that wrote it: a folder appears complete or not at all, a claim ends with its process,
and a mark stays until what it asks for is done. :mod:`autograders.batch.stages` and
:mod:`autograders.batch.run` lean on it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

OFFSETS = 2**40  # places in a file of claims; two students share one once in a million classes


class Places:
    """What is kept about one assignment below nbgrader's folder of a step.

    Parameters
    ----------
    folder : Path
        As in ``autograded/``.
    assignment : str
        Its name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     places = Places(Path(folder), "17_compression")
    ...     places.mark(["ada"], "*")
    ...     before = places.marked("ada")
    ...     places.unmark("ada", "*")
    ...     before, places.marked("ada")
    (True, False)
    """

    def __init__(self, folder: Path, assignment: str) -> None:
        self.folder = folder / ".grading"
        self.marks = self.folder / f"{assignment}.again"
        self._claims = self.folder / f"{assignment}.claims"
        self._file: int | None = None

    # Claims

    def claim(self, student: str) -> bool:
        """Take a submission; return whether nobody else has it.

        The system keeps the claim for as long as this process lives, and no longer.
        """
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._claims, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o664)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _offset(student))
        except BlockingIOError:
            return False
        return True

    def release(self, student: str) -> None:
        """Give a submission back."""
        assert self._file is not None
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _offset(student))

    def close(self) -> None:
        """Give everything back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    # Marks

    def mark(self, students: Iterable[str], notebooks: str) -> None:
        """Note that these submissions are to be done again, as far as notebooks match a pattern."""
        self.marks.mkdir(parents=True, exist_ok=True)
        for student in students:
            (self.marks / student).write_text(notebooks, encoding="utf-8")

    def marked(self, student: str) -> bool:
        """Return whether a submission is to be done again."""
        return (self.marks / student).exists()

    def unmark(self, student: str, notebooks: str) -> None:
        """Note that it was done, unless only a part was."""
        mark = self.marks / student
        if mark.exists() and notebooks in ("*", mark.read_text(encoding="utf-8")):
            mark.unlink()

    # Folders

    def swap(self, built: Path, final: Path) -> None:
        """Put a folder in its place, where another may stand."""
        old = _old(final)
        if final.exists():
            final.rename(old)
        built.rename(final)
        if old.exists():
            shutil.rmtree(old)

    def repair(self, final: Path) -> None:
        """Finish, or undo, a swap that was broken off."""
        old = _old(final)
        if old.exists() and final.exists():
            shutil.rmtree(old)
        elif old.exists():
            old.rename(final)

    def tidy(self, parent: Path) -> None:
        """Remove a student's folder if there is nothing in it."""
        if parent.exists() and not any(parent.iterdir()):
            parent.rmdir()


def _old(final: Path) -> Path:
    return final.with_name(f".{final.name}.before")


def _offset(student: str) -> int:
    return int.from_bytes(sha256(student.encode()).digest()[:8], "big") % OFFSETS
