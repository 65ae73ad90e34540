"""Moodle's assignment: all submissions as a zip, the grading worksheet, feedback as a zip.

Read from Moodle's own source, https://github.com/moodle/moodle, November 2026:

- ``mod/assign/classes/downloader.php`` names a student's folder: the full name without underscores
  and what file names must not have, the participant's number (of this assignment alone: not that
  of the user), ``assignsubmission_file``, in versions before 4.1 with an underscore behind. In it
  are the files as they were handed in, with their folders; if *Download submissions in folders* is
  off, all are in one folder, and this stands before their names. The last attempt alone is in it,
  with the times of packing (``files/classes/local/archive_writer/zip_writer.php``). With anonymous
  submissions the name is the word *Participant*; of a group, its name and number stand there, and
  nobody in the class list is that: :mod:`.groups` says who is in it.
- ``mod/assign/gradingtable.php`` and ``mod/assign/feedback/offline/importgradeslib.php``: the
  worksheet has, in the language of who exports it, *Identifier* (``Participant 1234567``),
  *Full name*, columns of identity as an administrator chose them, *Status*, *Grade*,
  *Maximum Grade*, *Grade can be changed*, *Last modified (submission)*, *Last modified (grade)*,
  *Feedback comments*. Moodle passes over a grade above the maximum, and over one that somebody has
  changed on the platform since.
- ``mod/assign/feedback/file/importziplib.php`` takes feedback files back from folders that are
  named as above; the number and ``assignsubmission_file`` are what it reads.

The headings are known here in English, as in ``mod/assign/lang/en/assign.php``. A worksheet in
another language is read by its form: the participants' numbers are in the first column, names in
the second, addresses have an ``@``; the column of the scores has to be named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import PurePosixPath

from autograders.platforms import platform
from autograders.platforms.platform import Person, Piece, Scores
from autograders.platforms.table import Table, TableError

_FOLDER = re.compile(
    r"(?P<name>[^_]*)_(?P<number>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?"
)
_IDENTIFIER = re.compile(r"\D+(?P<number>\d+)")
_UNFIT = re.compile(r"""[\x00-\x1f\x7f&<>"`|':\\/]""")
_NAMELESS = "Participant"
_SUBMITTED = "Last modified (submission)"
_TIME = "%A, %d %B %Y, %I:%M %p"  # strftimedaydatetime in lang/en/langconfig.php


class Moodle:
    """Moodle's activity *Assignment*."""

    name, title = "moodle", "Moodle"
    keeps_numbers = False
    numbers_copies = False
    takes_feedback = (
        "where submissions are listed, Upload multiple feedback files in a zip (in the "
        "assignment's settings, Feedback files must be on)"
    )

    def piece(self, path: PurePosixPath) -> Piece | None:
        """Read ``Ada Lovelace_1234567_assignsubmission_file/ps1.ipynb`` and its older forms.

        Examples
        --------
        >>> path = PurePosixPath("Ada King_12_assignsubmission_file_/lab/ps1.ipynb")
        >>> piece = Moodle().piece(path)
        >>> piece.person.key, sorted(piece.person.names), piece.name
        ('12', ['Ada King'], 'ps1.ipynb')
        """
        for place, part in enumerate(path.parts):
            match = _FOLDER.fullmatch(part)
            if match is None:
                continue
            last = place == len(path.parts) - 1
            if last and not match["rest"]:
                return None
            name = match["rest"] if last else path.name
            if match["plugin"] != "file":
                name = f"{match['plugin']}: {name}"
            said = f"{match['name']} (participant {match['number']})"
            if match["name"] == _NAMELESS:
                logins = frozenset([f"{_NAMELESS} {match['number']}"])
                person = Person(match["number"], said, logins=logins)
            else:
                person = Person(match["number"], said, names=frozenset([match["name"]]))
            label = f"{match['name']}_{match['number']}_assignsubmission_file_"
            return Piece(person, name, label, "/".join(path.parts[:place]))
        return None

    def spellings(self, first: str, last: str) -> set[str]:
        """Return a full name as Moodle may be set to show it, without what files' names lack.

        Examples
        --------
        >>> sorted(Moodle().spellings("Jeanne", "d'Arc"))
        ['Jeanne dArc', 'dArc Jeanne', 'dArc, Jeanne']
        """
        if not first or not last:
            return {_cleaned(first + last)} - {""}
        return {_cleaned(f) for f in (f"{first} {last}", f"{last} {first}", f"{last}, {first}")}

    def written(self, name: str) -> str:
        """Return a file's name without what file names must not have."""
        return re.sub(r"\.\.+", "", _UNFIT.sub("", name))

    def named(self, person: Person, text: str) -> Person:
        """Return the person: Moodle writes nothing about an attempt."""
        return person

    def people(self, table: Table) -> dict[int, Person]:
        """Return the participants of a grading worksheet, by row."""
        row, columns = _headings(table)
        named, status = columns.get("Full name"), columns.get("Status")
        hidden = status is not None and named is None
        found = {}
        for number in range(row + 1, len(table.rows)):
            match = _IDENTIFIER.fullmatch(table.text(number, 0).strip())
            if match is None:
                continue
            name = "" if hidden else table.text(number, 1 if named is None else named).strip()
            cells = [cell.text.strip() for cell in table.rows[number]]
            if named is not None and status is not None:
                logins = set(cells[named + 1 : status])
            else:  # in another language, or nameless
                logins = {match[0]} if hidden else {text for text in cells if "@" in text}
            found[number] = Person(
                match["number"],
                name or match[0],
                logins=frozenset(logins - {""}),
                names=frozenset([_cleaned(name)]) - {""},
                submitted=_when(table.text(number, columns.get(_SUBMITTED, len(cells))).strip()),
            )
        return found

    def scores(self, table: Table, assignment: str, column: str | None) -> Scores:
        """Return the column *Grade*."""
        row, columns = _headings(table)
        headings = [cell.text for cell in table.rows[row]]
        fits = [i for i, text in enumerate(headings) if text.strip() == "Grade"]
        found = platform.choose(headings, fits, "Grade", column)
        if "Scale" in columns:
            raise TableError("this assignment is graded by a scale in Moodle; set it to points")
        beside = columns.get("Maximum Grade", found + 1)
        rows = range(row + 1, len(table.rows))
        texts = [table.text(i, beside).strip() for i in rows]
        worth = {number for text in texts if (number := platform.number(text)) is not None}
        comma = any("," in table.text(i, c) for i in rows for c in (found, beside))
        return Scores(found, worth.pop() if len(worth) == 1 else None, comma)

    def feedback(
        self, person: Person, labels: Mapping[str, str], pages: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Return pages in the folder of a participant, whom the worksheet names."""
        (name,) = person.names or [_NAMELESS]
        folder = f"{name}_{person.key}_assignsubmission_file_"
        return {f"{folder}/{lab}.html": page for lab, page in pages.items()}

    def lost(self, labels: Mapping[str, str], pages: Collection[str]) -> list[str]:
        """Return nothing: a page needs no file beside it."""
        return []


def _cleaned(name: str) -> str:
    """Return a name as Moodle's ``clean_filename`` leaves it (PARAM_FILE in lib/moodlelib.php)."""
    return " ".join(MOODLE.written(name.replace("_", " ")).split())


def _when(text: str) -> datetime | None:
    """Return the time of a worksheet in English: ``Monday, 23 November 2026, 3:45 PM``."""
    try:
        return datetime.strptime(text, _TIME)
    except ValueError:
        return None


def _headings(table: Table) -> tuple[int, dict[str, int]]:
    """Return the row of the headings, and its columns: what stands below says which row it is."""
    for number in range(len(table.rows) - 1):
        below = table.text(number + 1, 0).strip()
        if _IDENTIFIER.fullmatch(below) and not _IDENTIFIER.fullmatch(table.text(number, 0)):
            cells = table.rows[number]
            return number, {cell.text.strip(): i for i, cell in reversed([*enumerate(cells)])}
    return platform.heading(table, ["Identifier", "Grade", "Maximum Grade"], "Moodle"), {}


MOODLE = Moodle()
