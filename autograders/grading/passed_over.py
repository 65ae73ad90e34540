"""Submissions that ``nbgrader autograde`` passes over although there is something to grade.

nbgrader takes what is in ``autograded/`` for done, unless a later time stamp came with what is in
``submitted/``. A lab that was put there by hand, a file that was replaced, a gradebook that was
lost: nothing is said of them. :func:`passed_over` says it. :mod:`.submission` and
:mod:`autograders.batch.stages` lean on it, and it on what the first of them notes.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import BaseConverter

from autograders.grading.notes import NOTES, OF

_FEW = 2  # submissions that are named one by one where the gradebook does not know them


def digest(path: str | Path) -> str:
    """Return what tells one file from another; nothing if it cannot be read."""
    if not os.path.isfile(path):  # to open a pipe would take for ever
        return ""
    with suppress(OSError), open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()
    return ""


def passed_over(
    converter: BaseConverter, submissions: Iterable[tuple[str, Collection[str]]]
) -> Iterator[str]:
    """Yield a sentence for each submission that is taken for done, and has what was not graded.

    Parameters
    ----------
    converter : BaseConverter
        Which will pass over them.
    submissions : iterable of (str, collection of str)
        Students, and the paths of the notebooks that they handed in.
    """
    course = converter.coursedir
    name = course.assignment_id
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            assignment = gradebook.find_assignment(name)
        except MissingEntry:
            return  # which nbgrader will say
        labs = {lab.name for lab in assignment.notebooks}
        known = {one.student.id for one in assignment.submissions}
    found = list(submissions)
    lost = [student for student, _ in found if student not in known]
    if len(lost) > _FEW:
        yield (
            f"{len(lost)} submissions are graded in {course.autograded_directory}/, and not in the "
            f"gradebook; to have them graded: nbgrader autograde {name} --force"
        )
    for student, notebooks in found:
        graded = Path(course.format_path(course.autograded_directory, student, name))
        reason = "" if student in known else f"its grades in {graded} are not in the gradebook"
        if reason and len(lost) > _FEW:
            continue
        for path in sorted(map(Path, notebooks)):
            if path.stem in labs and not reason:
                reason = _why(path, graded / path.name)
        if reason:
            again = f"nbgrader autograde {name} --student={shlex.quote(student)} --force"
            yield f"{student}: {reason}; to have it graded: {again}"


def is_done(converter: BaseConverter, student: str) -> bool:
    """Return whether nbgrader takes a submission for done: it is there, and nothing says later."""
    course = converter.coursedir
    folders = [
        course.format_path(folder, student, course.assignment_id)
        for folder in (course.submitted_directory, course.autograded_directory)
    ]
    new, old = map(course.get_existing_timestamp, folders)
    later = new is not None and old is not None and new > old
    return Path(folders[1]).exists() and not converter.force and not later


def _why(handed_in: Path, graded: Path) -> str:
    if not graded.exists():
        return f"{handed_in.name} came after the rest was graded"
    if _changed(handed_in, graded):
        return f"{handed_in.name} is another file than the one that was graded"
    return ""


def _changed(handed_in: Path, graded: Path) -> bool:
    """Return whether another file was graded; where nothing tells, it is taken for the same."""
    if handed_in.stat().st_ctime <= graded.stat().st_mtime:
        return False
    with suppress(OSError, ValueError, AttributeError):
        said = json.loads(graded.read_text(encoding="utf-8"))["metadata"].get(NOTES, {}).get(OF)
        return bool(said) and said != digest(handed_in)
    return False
