"""Blackboard Learn: *Assignment File Download*, and the Grade Center as a file.

Blackboard publishes no source. What it says of these files, November 2026:

- https://help.blackboard.com/Learn/Instructor/Original/Assignments/Download_Assignments: user names
  are part of the files' names. How, those say who take the files apart: ``ASSIGNMENT_USERNAME_``
  ``attempt_DATE_FILE`` beside a text ``ASSIGNMENT_USERNAME_attempt_DATE.txt``
  (https://github.com/kwurst/bb-file-cleanup), which begins with ``Name: Ada Lovelace (ada)``.
  ``DATE`` is ``2026-11-23-15-45-00``; by which clock, nobody says. All attempts can be in it.
- https://help.blackboard.com/Learn/Instructor/Original/Grade/Grading_Tasks/Work_Offline_With_Grade_Data:
  the file of grades is known again by the user name, and each column by the number behind its
  title, as in ``Lab 1 [Total Pts: 10 Score] |12345``. It is separated by commas, or by tabs in
  UTF-16 with the ending ``.xls``.

What is uncertain: whether courses of *Ultra* name downloads in the same way; headings in other
languages than English, which are not known here. A zip of feedback that Blackboard takes back is
documented nowhere: what is packed is for handing back one by one, in folders by user name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath

from autograders.platforms import platform
from autograders.platforms.platform import Person, Piece, Scores
from autograders.platforms.table import Table

_FILE = re.compile(
    r"(?P<whose>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|(?P<about>\.txt))"
)
_NAMED = re.compile(r"[^:\n]+:\s*(?P<name>.*) \((?P<login>[^()\n]+)\)\s*")
_POINTS = re.compile(r"(?P<title>.*?) \[Total Pts: (?:up to )?(?P<most>[\d.,]+)[^\]]*\]\s*\|\d+")


class Blackboard:
    """Blackboard Learn, by Anthology."""

    name, title = "blackboard", "Blackboard"
    keeps_numbers = False
    numbers_copies = False
    takes_feedback = ""

    def piece(self, path: PurePosixPath) -> Piece | None:
        """Read ``Lab 1_ada_attempt_2026-11-23-15-45-00_ps1.ipynb``.

        Where the assignment's name ends and the user's begins, the name does not say.

        Examples
        --------
        >>> piece = Blackboard().piece(PurePosixPath("Lab_1_ada_attempt_2026-11-23-15-45-00_x.zip"))
        >>> sorted(piece.person.logins), piece.name, piece.time.isoformat()
        (['1_ada', 'Lab_1_ada', 'ada'], 'x.zip', '2026-11-23T15:45:00')
        """
        match = _FILE.fullmatch(path.name)
        if match is None:
            return None
        try:
            time = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:
            return None
        whose = match["whose"].split("_")
        logins = {"_".join(whose[i:]) for i in range(len(whose))}
        person = Person(match["whose"], match["whose"], logins=frozenset(logins))
        about = match["about"] is not None
        name, place = match["rest"] or path.name, path.parent.as_posix()
        return Piece(person, name, path.name, place, match["time"], time, about=about)

    def named(self, person: Person, text: str) -> Person:
        r"""Return a person as the text beside an attempt names them.

        Examples
        --------
        >>> person = Person("Lab_1_ada", "Lab_1_ada", logins=frozenset(["ada", "1_ada"]))
        >>> named = Blackboard().named(person, "Name: Ada Lovelace (ada)\nAssignment: Lab_1\n")
        >>> named.said, sorted(named.logins), sorted(named.names)
        ('Ada Lovelace (ada)', ['ada'], ['Ada Lovelace'])
        """
        match = _NAMED.match(text)
        if match is None or match["login"] not in person.logins:
            return person
        return Person(
            person.key,
            f"{match['name']} ({match['login']})",
            logins=frozenset([match["login"]]),
            names=frozenset([match["name"]]),
        )

    def spellings(self, first: str, last: str) -> set[str]:
        """Return a full name, either part first."""
        return {" ".join(f"{first} {last}".split()), " ".join(f"{last} {first}".split())} - {""}

    def written(self, name: str) -> str:
        """Return a file's name as it is: nothing is known of what becomes of it."""
        return name

    def people(self, table: Table) -> dict[int, Person]:
        """Return the users of a file of grades, by row."""
        row = platform.heading(table, ["Username"], self.title)
        columns = {cell.text.strip(): i for i, cell in enumerate(table.rows[row])}
        found = {}
        for number in range(row + 1, len(table.rows)):
            said = {name: table.text(number, i).strip() for name, i in columns.items()}
            if not said["Username"]:
                continue
            name = " ".join((said.get("First Name", ""), said.get("Last Name", ""))).strip()
            found[number] = Person(
                said["Username"],
                f"{name} ({said['Username']})" if name else said["Username"],
                logins=frozenset({said["Username"], said.get("Student ID", "")} - {""}),
                names=frozenset([name]) - {""},
            )
        return found

    def scores(self, table: Table, assignment: str, column: str | None) -> Scores:
        """Return the column ``ASSIGNMENT [Total Pts: 10 Score] |12345``."""
        row = platform.heading(table, ["Username"], self.title)
        headings = [cell.text.strip() for cell in table.rows[row]]
        matches = [_POINTS.fullmatch(text) for text in headings]
        fits = [i for i, match in enumerate(matches) if match and match["title"] == assignment]
        found = platform.choose(headings, fits, assignment, column)
        match = matches[found]
        texts = [table.text(i, found) for i in range(row + 1, len(table.rows))]
        comma = any(re.fullmatch(r"\s*\d+,\d+\s*", text) for text in texts)
        return Scores(found, platform.number(match["most"]) if match else None, comma)

    def feedback(
        self, person: Person, labels: Mapping[str, str], pages: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Return pages in a folder by user name, for handing back by hand."""
        return {f"{person.key}/{lab}.html": page for lab, page in pages.items()}


BLACKBOARD = Blackboard()
