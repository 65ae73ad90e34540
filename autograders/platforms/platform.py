"""What platforms have in common: what a file's name says, and what a row of their table is.

Each platform is an object with the methods of :class:`Platform`, in a file of its own, which cites
where its formats are written down. What is said here holds for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from autograders.platforms.table import Table, TableError

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """Somebody as a platform knows them.

    Attributes
    ----------
    key : str
        What tells them from others in the platform's own files.
    said : str
        As it stands there, for a message.
    logins : frozenset of str
        What may be an id, an address or an ``lms_user_id`` in the class list.
    numbers : frozenset of str
        What may be an ``lms_user_id`` alone: the platform counts its users by it.
    names : frozenset of str
        Names as the platform spells them (:meth:`Platform.spellings`).
    submitted : datetime, optional
        When the platform's table says that they handed in, by the clock of who exported it.
    """

    key: str
    said: str
    logins: frozenset[str] = NONE
    numbers: frozenset[str] = NONE
    names: frozenset[str] = NONE
    submitted: datetime | None = None

    def with_more(self, other: Person | None) -> Person:
        """Return this person with what a row of the platform's table adds."""
        if other is None:
            return self
        return replace(
            self,
            said=f"{self.said} ({other.said})",
            logins=self.logins | other.logins,
            numbers=self.numbers | other.numbers,
            names=other.names or self.names,
            submitted=other.submitted,
        )


@dataclass(frozen=True)
class Piece:
    """A file of a download, as its name tells.

    Attributes
    ----------
    person : Person
    name : str
        What the student called it, as far as the platform leaves that.
    label : str
        What the platform needs to know it again.
    place : str
        The folder of the download that it is from.
    attempt : str
        What tells one attempt from another of the same person.
    time : datetime, optional
        When it was handed in, by the platform's clock.
    late : str
        The platform's words for being late, if it says so.
    about : bool
        Whether it is the platform's own, and about an attempt.
    """

    person: Person
    name: str
    label: str
    place: str
    attempt: str = ""
    time: datetime | None = None
    late: str = ""
    about: bool = False


@dataclass(frozen=True)
class Scores:
    """Where in a table the scores of an assignment stand.

    Attributes
    ----------
    column : int
    most : float, optional
        What the assignment is worth on the platform, if the table says so.
    comma : bool
        Whether numbers have a comma where others have a point.
    closed : mapping of int to str
        Rows whose score is not to be written, and what stands there.
    """

    column: int
    most: float | None = None
    comma: bool = False
    closed: Mapping[int, str] = field(default_factory=dict)


class Platform(Protocol):
    """A learning platform's names and tables."""

    name: str
    title: str
    keeps_numbers: bool  # whether a class list's lms_user_id is one of Person.numbers
    numbers_copies: bool  # whether what is handed in again gets a number: ps1-1.ipynb
    takes_feedback: str  # where the zip of feedback goes, for a person; nothing if it takes none

    def piece(self, path: PurePosixPath) -> Piece | None:
        """Return what a path in a download says, or None if it is none of this platform's."""

    def spellings(self, first: str, last: str) -> set[str]:
        """Return a name in all the ways in which the platform may write it."""

    def written(self, name: str) -> str:
        """Return a file's name as the platform writes it."""

    def named(self, person: Person, text: str) -> Person:
        """Return a person as the platform's own words about an attempt name them."""

    def people(self, table: Table) -> dict[int, Person]:
        """Return who is in a table of grades, by the number of the row.

        Raises
        ------
        TableError
            If it is no such table.
        """

    def scores(self, table: Table, assignment: str, column: str | None) -> Scores:
        """Return where the scores of an assignment stand.

        Raises
        ------
        TableError
            If there is no such column, or several.
        """

    def feedback(
        self, person: Person, labels: Mapping[str, str], pages: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Return pages under the names by which the platform takes them back.

        Parameters
        ----------
        person : Person
            As in the platform's table.
        labels : mapping of str to str
            By lab, the label of the file that it was handed in with, if it was collected.
        pages : mapping of str to bytes
            By lab, a page of HTML.
        """

    def lost(self, labels: Mapping[str, str], pages: Collection[str]) -> list[str]:
        """Return of which labs `feedback` cannot return the pages."""


def heading(table: Table, wanted: Collection[str], title: str) -> int:
    """Return which row has the headings.

    Raises
    ------
    TableError
        If none has.
    """
    for number, row in enumerate(table.rows):
        if set(wanted) <= {cell.text.strip() for cell in row}:
            return number
    first = next((row for row in table.rows if any(cell.text.strip() for cell in row)), [])
    there = ", ".join(repr(cell.text) for cell in first[:8]) or "nothing"
    raise TableError(
        f"that is no table of {title}'s: it should have the headings "
        f"{', '.join(map(repr, wanted))}, and begins with {there}"
    )


def choose(headings: Sequence[str], fits: Collection[int], wanted: str, column: str | None) -> int:
    """Return the one column that is meant: the one that was named, or the one that fits.

    Raises
    ------
    TableError
        If there is none, or there are several.
    """
    if column is not None:
        fits = [i for i, text in enumerate(headings) if text.strip() == column.strip()]
        wanted = column
    if len(fits) == 1:
        return next(iter(fits))
    there = ", ".join(repr(text) for text in headings if text.strip())
    several = f"{len(fits)} columns are" if fits else "no column is"
    raise TableError(
        f"{several} called {wanted!r}; say which one has the scores, with --column and its "
        f"heading. There are {there}"
    )


def number(text: str) -> float | None:
    """Return a number that has a point or a comma, None if it is none.

    Examples
    --------
    >>> number("10,50"), number(" 7 "), number("EX")
    (10.5, 7.0, None)
    """
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
