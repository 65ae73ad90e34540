"""Canvas: ``submissions.zip``, the gradebook as CSV, and files that are uploaded again.

Read from Canvas' own source, https://github.com/instructure/canvas-lms, November 2026:

- ``lib/content_zipper.rb`` names what *Download Submissions* packs: the name by which Canvas sorts
  a user, small and without anything but letters, digits and underscores, ``LATE`` if it was, the
  user's number, the file's number, the file's name: ``lovelaceada_LATE_4711_815_ps1.ipynb``. The
  last attempt alone is in it. The times in the zip are those of packing. With anonymous grading,
  ``anon_`` and a word stand for the name and the number. Of a group, its name and the number of
  who handed in stand there: it is collected for that person, and by :mod:`.groups` for the others.
- A file that is handed in again gets a number to its name, ``ps1-1.ipynb``.
- ``app/models/abstract_assignment.rb`` (``infer_comment_context_from_filename``) knows an uploaded
  file again by the first two parts of its name that are numbers, and by the file having been
  handed in with the last attempt. It is attached to a comment **under the name of that file**.
- ``lib/gradebook_exporter.rb`` and ``lib/gradebook_importer.rb``: headings ``Student`` (or
  ``LastName``, ``FirstName``), ``ID``, ``SIS User ID``, ``SIS Login ID``, ``Section``, which are
  not translated, then ``TITLE (NUMBER)`` for each assignment; a row ``Points Possible``, another
  one for manual posting; ``EX`` for who is excused, ``N/A`` for who has not got the assignment.
  Numbers may have a point or a comma.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Collection, Mapping
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from autograders.platforms import platform
from autograders.platforms.platform import Person, Piece, Scores
from autograders.platforms.table import Table

_FILE = re.compile(
    r"(?P<name>.+?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?P<kind>text|link)\.html)"
)
_HIDDEN = re.compile(r"(?:(?P<late>LATE)_)?anon_(?P<user>[^\W_]+)_(?P<file>\d+)_(?P<rest>.+)")
_NOBODY = ("N/A", "EX")


class Canvas:
    """Canvas, by Instructure."""

    name, title = "canvas", "Canvas"
    keeps_numbers = True
    numbers_copies = True
    takes_feedback = "in the gradebook, the assignment's menu, Re-Upload Submissions"

    def piece(self, path: PurePosixPath) -> Piece | None:
        """Read ``lovelaceada_LATE_4711_815_ps1-1.ipynb``.

        Examples
        --------
        >>> piece = Canvas().piece(PurePosixPath("d_arc_jeanne_LATE_4711_815_ps1-1.ipynb"))
        >>> piece.person.key, sorted(piece.person.names), piece.name, piece.late
        ('4711', ['d_arc_jeanne'], 'ps1-1.ipynb', 'LATE')
        """
        place = path.parent.as_posix()
        hidden, shown = _HIDDEN.fullmatch(path.name), _FILE.fullmatch(path.name)
        if hidden:
            person = Person(f"anon_{hidden['user']}", f"anon_{hidden['user']}, without a name")
            return Piece(person, hidden["rest"], path.name, place, late=hidden["late"] or "")
        if not shown:
            return None
        person = Person(
            shown["user"],
            f"{shown['name']} (number {shown['user']})",
            numbers=frozenset([shown["user"]]),
            names=frozenset([shown["name"]]),
        )
        name = shown["rest"] or f"{shown['kind']}.html"
        return Piece(person, name, path.name, place, late=shown["late"] or "")

    def spellings(self, first: str, last: str) -> set[str]:
        """Return a name as ``submissions.zip`` has it, either part first.

        Examples
        --------
        >>> sorted(Canvas().spellings("Jeanne", "d'Arc"))
        ['darcjeanne', 'jeannedarc']
        """
        return {_squeezed(last + first), _squeezed(first + last)} - {""}

    def written(self, name: str) -> str:
        """Return a file's name with underscores for what file names must not have."""
        return re.sub(r'[\x00/\\:*?"<>|]+', "_", name)

    def named(self, person: Person, text: str) -> Person:
        """Return the person: Canvas writes nothing about an attempt."""
        return person

    def people(self, table: Table) -> dict[int, Person]:
        """Return the students of an exported gradebook, by row."""
        row, columns = _headings(table)
        found = {}
        for number in range(row + 1, len(table.rows)):
            said = {name: table.text(number, i).strip() for name, i in columns.items()}
            if "Points Possible" in table.text(number, 0) or not said["ID"].isdecimal():
                continue
            name = said.get("Student") or f"{said.get('LastName')}, {said.get('FirstName')}"
            logins = {said.get("SIS User ID", ""), said.get("SIS Login ID", "")} - {""}
            found[number] = Person(
                said["ID"],
                name,
                logins=frozenset(logins),
                numbers=frozenset([said["ID"]]),
                names=frozenset([_squeezed(name)]),
            )
        return found

    def scores(self, table: Table, assignment: str, column: str | None) -> Scores:
        """Return the column ``ASSIGNMENT (NUMBER)``."""
        row, _ = _headings(table)
        headings = [cell.text for cell in table.rows[row]]
        titles = [re.sub(r" \(\d+\)$", "", text.strip()) for text in headings]
        fits = [i for i, title in enumerate(titles) if title == assignment]
        found = platform.choose(headings, fits, assignment, column)
        rows = range(row + 1, len(table.rows))
        (most, *_) = [
            platform.number(table.text(i, found))
            for i in rows
            if "Points Possible" in table.text(i, 0)
        ] or [None]
        closed = {i: table.text(i, found).strip() for i in rows}
        closed = {i: text for i, text in closed.items() if text.upper() in _NOBODY}
        return Scores(found, most, closed=closed)

    def feedback(
        self, person: Person, labels: Mapping[str, str], pages: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Return each page in the place of the file that it is about.

        Canvas shows it under that file's name: in the place of a notebook stands a notebook that
        shows the page, in the place of a zip a zip of pages.
        """
        found: dict[str, bytes] = {}
        for label in dict.fromkeys(labels[lab] for lab in pages if lab in labels):
            mine = {lab: pages[lab] for lab in pages if labels.get(lab) == label}
            found[label] = _zip(mine) if label.lower().endswith(".zip") else notebook(mine)
        return found

    def lost(self, labels: Mapping[str, str], pages: Collection[str]) -> list[str]:
        """Return the labs in whose place no file of Canvas' stands."""
        return [lab for lab in pages if lab not in labels]


def notebook(pages: Mapping[str, bytes]) -> bytes:
    """Return a notebook that shows pages of HTML."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"feedback-{number}",
            "metadata": {},
            "outputs": [
                {
                    "data": {"text/html": _body(page.decode("utf-8", "replace"))},
                    "metadata": {},
                    "output_type": "display_data",
                }
            ],
            "source": f"# Feedback on {name}",
        }
        for number, (name, page) in enumerate(pages.items())
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    said = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(said, ensure_ascii=False).encode()


def _body(page: str) -> str:
    match = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL | re.IGNORECASE)
    return match[1] if match else page


def _zip(pages: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in pages.items():
            archive.writestr(f"{name}.html", page)
    return packed.getvalue()


def _squeezed(name: str) -> str:
    """Return a name as Canvas writes it into a file's: Ruby's ``[[:word:]]``, in small letters."""
    kept = [c for c in unicodedata.normalize("NFC", name) if _is_word(c)]
    return re.sub(r"_(\d+)_", r"\1", "".join(kept)).lower()


def _is_word(c: str) -> bool:
    kind = unicodedata.category(c)
    return kind[0] in "LM" or kind in ("Nd", "Pc")


def _headings(table: Table) -> tuple[int, dict[str, int]]:
    """Return the row of the headings, and the columns that say who somebody is."""
    row = platform.heading(table, ["ID", "Section"], "Canvas")
    columns = {cell.text.strip(): i for i, cell in reversed([*enumerate(table.rows[row])])}
    named = ("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID")
    return row, {name: columns[name] for name in named if name in columns}


CANVAS = Canvas()
