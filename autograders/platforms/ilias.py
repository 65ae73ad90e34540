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
newer ones do not. So they tell which of two downloads is the later one, and no more. ILIAS imports
no grades: they are written into a table beside the feedback.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from html.entities import codepoint2name
from pathlib import PurePosixPath

from autograders.platforms.platform import Person, Piece, Scores
from autograders.platforms.table import Table, TableError

_FOLDER = re.compile(r"(?P<name>.*_.*_.+)_(?P<number>\d+)")
_UMLAUTS = str.maketrans(
    {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
)
ROOT = "multi_feedback"


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
