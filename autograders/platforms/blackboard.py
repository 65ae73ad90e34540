"""Blackboard Learn: *Assignment File Download*, and the Grade Center as a file.

Blackboard publishes no source. What is said of these files, as of November 2026:

- https://help.blackboard.com/de-de/Learn/Instructor/Assignments/Download_Assignments: user names
  are part of the files' names. How, those say who take the files apart: ``ASSIGNMENT_USERNAME_``
  ``attempt_DATE_FILE``, and beside each attempt a text ``ASSIGNMENT_USERNAME_attempt_DATE.txt``
  (https://github.com/kwurst/bb-file-cleanup, https://github.com/vangef/BBGradebookOrganiser), which
  begins with ``Name: Ada Lovelace (ada)``. ``DATE`` is ``2026-11-23-15-45-00``; by which clock,
  nobody says. All attempts can be in it.
- http://library.blackboard.com/ref/3ea64795-6ecc-4abd-b595-0a9a8dfdec94/Content/
  _instructor_grade_center/grade_center_upload_download.htm: in a file of grades people are known
  by *Username*, and a column by the number behind its title, as in ``Lab 1 [Total Pts: 10 Score]
  |12345``. It is separated by commas, or by tabs, and then it ends in ``.xls`` (in UTF-16).

What is uncertain: whether courses of *Ultra* name downloads in the same way; headings in other
languages than English, which are not known here. A zip of feedback that Blackboard takes back is
documented nowhere: what is packed is for handing back one by one, in folders by user name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
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

        Where the assignment's name ends and the user's begins is certain if there is but one
        underscore between them; else the text beside the file says it (`named`).

        Examples
        --------
        >>> piece = Blackboard().piece(PurePosixPath("Lab 1_ada_attempt_2026-11-23-15-45-00_x.zip"))
        >>> piece.person.key, piece.name, piece.time.isoformat()
        ('ada', 'x.zip', '2026-11-23T15:45:00')
        """
        match = _FILE.fullmatch(path.name)
        if match is None:
            return None
        try:
            time = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:
            return None
        whose = match["whose"]
        before, _, login = whose.partition("_")
        if before and login and "_" not in login:
            person = Person(login, whose, logins=frozenset([login]))
        else:
            person = Person(whose, f"{whose}, without the text that says who that is,")
        name, place = match["rest"] or path.name, path.parent.as_posix()
        about = match["about"] is not None
        return Piece(person, name, path.name, place, match["time"], time, about=about)

    def named(self, person: Person, text: str) -> Person:
        r"""Return a person as the text beside an attempt names them.

        Examples
        --------
        >>> text = "Name: Ada B (a_b)\nAssignment: Lab_1\n"
        >>> named = Blackboard().named(Person("Lab_1_a_b", ""), text)
        >>> named.key, named.said, sorted(named.logins), sorted(named.names)
        ('a_b', 'Ada B (a_b)', ['a_b'], ['Ada B'])
        """
        match = _NAMED.match(text)
        if match is None or not f"_{person.key}".endswith(f"_{match['login']}"):
            return person
        return Person(
            match["login"],
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
        folder = re.sub(r"[\\/]", "_", person.key)
        return {f"{folder}/{lab}.html": page for lab, page in pages.items()}

    def lost(self, labels: Mapping[str, str], pages: Collection[str]) -> list[str]:
        """Return nothing: a page needs no file beside it."""
        return []


BLACKBOARD = Blackboard()
