"""ILIAS' exercise: all submissions as a zip, and *Multi-Feedback*.

Read from ILIAS' own source, https://github.com/ILIAS-eLearning/ILIAS, November 2026:

- ``ilExSubmission::downloadAllAssignmentFiles`` (up to version 9) and ``copySubmissionFilesToDir``
  of the same module since then: a folder ``Lastname_Firstname_login_12345`` for each user, with the
  user's number at the end; in it the files, by the names that the students gave them, a second
  one of the same name as ``ps1 (2).ipynb``. What is late has ILIAS' words for it and `` - `` before
  its name, in the language of who downloads. ``ilExerciseManagementCollectFilesJob`` puts all that
  into folders ``TITLE/Submissions/``, in that language; teams have one more, ``Team 7/``.
- ``ilFileUtils::getASCIIFilename`` writes names in ASCII: umlauts with an e, other letters of HTML
  without their accents, everything else as underscores.
- ``ilExAssignment::sendMultiFeedbackStructureFile``, ``TutorFeedbackZipManager`` and
  ``TutorFeedbackZipRepository``: *Multi-Feedback* is a zip with a folder
  ``multi_feedback_TITLE_NUMBER`` and in it the same folders, to be filled with files and uploaded
  again; the number at the end of a folder is what ILIAS reads.

Whether the times in the zip are those of handing in depends on the version: older ones keep them,
newer ones do not. So they tell which of two downloads is the later one, and no more.

ILIAS itself imports no marks: they are written into a table beside the feedback, to be typed. A
plugin does, https://github.com/ilifau/ExerciseStatusFile (read in November 2026): its
*Multi-Feedback* has a ``status.csv`` too, with a row for each user (``update``, ``usr_id``,
``login``, ``lastname``, ``firstname``, ``status``, ``mark``, ...) or each team (``update``,
``team_id``, ``logins``, ``status``, ``mark``, ...), and folders ``Team_7/`` around those of users.
What has a 1 as ``update`` is taken from it when the zip is uploaded again. ``status`` (passed,
failed, notgraded) stays as it is: what suffices to pass, nobody here knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from html.entities import codepoint2name
from pathlib import PurePosixPath

from autograders.platforms.platform import Person, Piece, Scores, heading
from autograders.platforms.table import Table, TableError

_FOLDER = re.compile(r"(?P<name>.*_.*_.+)_(?P<number>\d+)")
_UMLAUTS = str.maketrans(
    {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)
ROOT = "multi_feedback"
MARKS = "status.csv"


class Ilias:
    """ILIAS' object *Exercise*."""

    name, title = "ilias", "ILIAS"
    keeps_numbers = True
    numbers_copies = False
    takes_feedback = "in the exercise, Submissions and Grades, the assignment, Multi-Feedback"

    def piece(self, path: PurePosixPath) -> Piece | None:
        """Read ``Lovelace_Ada_ada_12345/Late Submission - ps1.ipynb``.

        Examples
        --------
        >>> path = PurePosixPath("Lab/Submissions/King_Ada_ada_7/Late Submission - ps1.ipynb")
        >>> piece = Ilias().piece(path)
        >>> piece.person.key, piece.person.said, piece.name, piece.late
        ('7', 'King_Ada_ada_7', 'ps1.ipynb', 'Late Submission')
        """
        if len(path.parts) < 2 or (person := whose(path.parts[-2])) is None:
            return None
        late, _, name = path.name.rpartition(" - ")
        return Piece(person, name, path.parts[-2], "/".join(path.parts[:-2]), late=late)

    def spellings(self, first: str, last: str) -> set[str]:
        """Return a name as it begins a folder's: the last name first, in ASCII.

        Examples
        --------
        >>> sorted(Ilias().spellings("Zoë", "Müller-d'Arc"))
        ["Mueller-d'Arc_Zoe", "Muller-d'Arc_Zoe"]
        """
        if not first or not last:
            return set()
        return {f"{_ascii(last)}_{_ascii(first)}", f"{_bare(last)}_{_bare(first)}"}

    def written(self, name: str) -> str:
        """Return a file's name in ASCII."""
        return _ascii(name)

    def named(self, person: Person, text: str) -> Person:
        """Return the person: ILIAS writes nothing about an attempt."""
        return person

    def people(self, table: Table) -> dict[int, Person]:
        """Refuse: there is no table of ILIAS'."""
        raise TableError("ILIAS has no table of grades that says who somebody is")

    def scores(self, table: Table, assignment: str, column: str | None) -> Scores:
        """Refuse: there is no table of ILIAS'."""
        raise TableError("ILIAS takes no table of grades back")

    def feedback(
        self, person: Person, labels: Mapping[str, str], pages: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Return pages in the folder of a user."""
        return {f"{person.said}/{lab}.html": page for lab, page in pages.items()}

    def lost(self, labels: Mapping[str, str], pages: Collection[str]) -> list[str]:
        """Return nothing: a page needs no file beside it."""
        return []


def marks(
    table: Table, scores: Mapping[str, str], teams: Mapping[str, Collection[str]]
) -> tuple[dict[tuple[int, int], str], list[str]]:
    r"""Return the cells of the plugin's table in which scores are written, and what is not.

    Parameters
    ----------
    table : Table
        ``status.csv``.
    scores : mapping of str to str
        By the user's number.
    teams : mapping of str to collection of str
        By the team's number, the scores of its members.

    Examples
    --------
    >>> table = Table(b"update,team_id,logins,status,mark\n0,7,\"ada, bob\",notgraded,\n")
    >>> marks(table, {}, {"7": ["3", "3"]})
    ({(1, 0): '1', (1, 4): '3'}, [])
    >>> marks(table, {}, {"7": ["3", "4"]})
    ({}, ['team 7 has one mark, and its members have 3, 4: type it'])
    """
    row = heading(table, ["update", "status", "mark"], "ILIAS")
    columns = {cell.text.strip(): i for i, cell in enumerate(table.rows[row])}
    key = "team_id" if "team_id" in columns else "usr_id"
    known = teams if key == "team_id" else {user: [score] for user, score in scores.items()}
    changes: dict[tuple[int, int], str] = {}
    wrong = []
    for number in range(row + 1, len(table.rows)):
        whose = table.text(number, columns.get(key, len(columns))).strip()
        found = sorted({*known.get(whose, ())})
        if len(found) > 1:
            told = ", ".join(found)
            wrong.append(f"team {whose} has one mark, and its members have {told}: type it")
        elif found:
            changes[number, columns["update"]] = "1"
            changes[number, columns["mark"]] = found[0]
    return changes, wrong


def whose(folder: str) -> Person | None:
    """Return whose folder that is, None if it is nobody's.

    Where the name ends and the login begins is certain if there are three parts: all of them may
    have underscores.
    """
    match = _FOLDER.fullmatch(folder)
    if match is None:
        return None
    parts = match["name"].split("_")
    return Person(
        match["number"],
        folder,
        logins=frozenset(parts[2:] if len(parts) == 3 else ()),
        numbers=frozenset([match["number"]]),
        names=frozenset("_".join(parts[:i]) for i in range(2, len(parts))),
    )


def _ascii(name: str) -> str:
    """Return a name as ``getASCIIFilename`` writes it."""
    return "".join(map(_letter, unicodedata.normalize("NFC", name).strip().translate(_UMLAUTS)))


def _letter(c: str) -> str:
    if c in ':\\/*?"|':
        return "_"
    if ord(c) in codepoint2name:
        return codepoint2name[ord(c)][0]
    return c if ord(c) < 0x7F else "_" * len(c.encode())


def _bare(name: str) -> str:
    """Return a name without accents, as a server's own conversion may have it."""
    apart = unicodedata.normalize("NFKD", name.strip().replace("ß", "ss"))
    return "".join(c for c in apart if not unicodedata.combining(c))


ILIAS = Ilias()
