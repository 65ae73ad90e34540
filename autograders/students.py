"""``python -m autograders students FILE`` enters a class list, as spreadsheets write it.

nbgrader's own import takes commas and UTF-8 alone, and enters what stands before a line that is
wrong. Here a list is read whole, whatever separates its columns and however its letters are
written; what is wrong is named with its line, and then nobody is entered. By
:class:`ListedStudents`, ``nbgrader db student import FILE`` does the same. It leans on nbgrader's
gradebook, and on :mod:`autograders.grading.names` for what a name may be.
"""

from __future__ import annotations

import codecs
import csv
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.dbapp import DbStudentImportApp
from nbgrader.coursedir import CourseDirectory
from rich.console import Console

from autograders import layout
from autograders.console import one_line
from autograders.grading.names import CheckedStudents, key, unfit
from autograders.grading.settings import SettingsError

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")  # what nbgrader has
_SEPARATORS = ",;\t"
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class ListError(ValueError):
    """A class list that cannot be entered; the message has a line for each thing that is wrong."""


@dataclass
class ClassList:
    """Students by id, with what else is known of them, and what was not understood.

    Attributes
    ----------
    students : dict of str to dict of str to (str or None)
        By id: the other columns that nbgrader has, as far as they are there.
    ignored : list of str
        Columns that nbgrader has no place for.
    """

    students: dict[str, dict[str, str | None]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def read(content: bytes) -> ClassList:
    r"""Read a class list.

    Parameters
    ----------
    content : bytes
        A table with a line of headings, one of which is ``id``. Columns are separated by commas,
        semicolons or tabs. Letters are UTF-8, UTF-16 with a byte-order mark, or Windows-1252.

    Raises
    ------
    ListError
        If a line is wrong, or there is none.

    Examples
    --------
    >>> read("\ufeffID;First name\nada;\"King, Ada\"\n".encode()).students
    {'ada': {'first_name': 'King, Ada'}}
    """
    lines = re.split(r"\r\n|\r|\n", _decoded(content))
    if lines and lines[0].lower().startswith("sep="):  # a note of Excel's, to itself
        lines[0] = ""
    rows = list(_rows(lines))
    if not rows:
        raise ListError("the list is empty")
    (_, headings), *rest = rows
    columns = ["_".join(cell.lower().split()) for cell in headings]
    if columns.count("id") != 1:
        raise ListError(
            f"line {rows[0][0]}: the headings should have one 'id', as in {','.join(COLUMNS)}, and "
            f"are {', '.join(map(repr, headings))}"
        )
    found = ClassList(ignored=[cell for cell in columns if cell not in COLUMNS])
    wrong, first = [], dict[str, tuple[str, int]]()
    for number, cells in rest:
        row = dict(zip(columns, cells, strict=False))
        name = unicodedata.normalize("NFC", row.get("id", ""))
        if why := _wrong(cells, columns, name, first):
            wrong.append(f"line {number}: {why}")
            continue
        first[key(name)] = name, number
        found.students[name] = {c: row.get(c) or None for c in COLUMNS[1:] if c in columns}
    if wrong:
        raise ListError("\n".join(wrong))
    if not found.students:
        raise ListError("there is no student in the list")
    return found


def _wrong(
    cells: Sequence[str], columns: Sequence[str], name: str, first: Mapping[str, tuple[str, int]]
) -> str:
    """Return what is wrong with a line, or nothing."""
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        return f"it has {len(cells)} columns, and the headings are {len(columns)}"
    if not name:
        return "the id is missing"
    if why := unfit(name):
        return why
    if key(name) in first:
        other, number = first[key(name)]
        same = "is in line" if other == name else f"looks like {other!r} in line"
        return f"{name!r} {same} {number} already"
    return ""


def _decoded(content: bytes) -> str:
    encoding = next((e for mark, e in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise ListError(f"the list is no {encoding.upper()}: {error.reason}") from None
    try:
        return content.decode("cp1252")  # what Excel calls CSV, in most of Europe
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ListError(f"line {line}: a letter cannot be read; save the list as UTF-8") from None


def _rows(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty, with their numbers, as cells without blanks around."""
    heading = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=heading.count)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    begun = 1
    try:
        for cells in reader:
            begun = reader.line_num + 1
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ListError(f"line {begun}: {error}; is a quotation mark missing?") from None


def listed(course: CourseDirectory) -> set[str]:
    """Return the ids in the gradebook of a course; nobody if there is none yet."""
    gradebook = layout.gradebook(course)
    if gradebook is None:
        return set()
    with gradebook:
        return {student.id for student in gradebook.students}


def enter(found: ClassList, course: CourseDirectory) -> int:
    """Enter students into the gradebook; return how many were not there."""
    new = found.students.keys() - listed(course)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for name, known in found.students.items():
            gradebook.update_or_create_student(name, **known)
    return len(new)


def main(
    path: Path,
    root: Path | None = None,
    console: Console | None = None,
    course: CourseDirectory | None = None,
) -> int:
    """Enter a class list and tell what was found in it; return the exit status.

    Parameters
    ----------
    path : Path
        The list.
    root : Path, optional
        The course's folder (by default, the current one).
    console : Console, optional
        Where to tell.
    course : CourseDirectory, optional
        Where the course's gradebook is (by default, as the settings in its folder say).
    """
    console = console or Console()
    try:
        found = read(path.read_bytes())
        course = course or layout.course(root)
        new = enter(found, course)
    except (ListError, OSError, SettingsError) as error:
        console.print(
            f"{path}: nobody was entered\n{error}", markup=False, highlight=False, soft_wrap=True
        )
        return 1
    told = [f"{len(found.students)} students in the list, {new} of them new"]
    if found.ignored:
        told.append(f"left out: the columns {', '.join(map(repr, found.ignored))}")
    others = sorted(listed(course) - found.students.keys())
    by_key = {key(name): name for name in found.students}
    for name in others:
        like = by_key.get(key(name))
        more = f", and looks like {like!r}" if like else ""
        told.append(f"{name!r} is in the gradebook and not in the list{more}")
    for line in told:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
    return 0


class ListedStudents(CheckedStudents):
    """Have ``nbgrader db student import`` do what ``python -m autograders students`` does.

    nbgrader makes it when one of its commands starts: before a list is read.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        command = getattr(self.parent, "parent", None)
        if not isinstance(command, DbStudentImportApp) or len(command.extra_args) != 1:
            return  # which nbgrader will say
        sys.exit(main(Path(command.extra_args[0]), course=command.coursedir))
