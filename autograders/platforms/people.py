"""Whose a platform's name is: :class:`People` compares it with the class list, and never guesses.

An id or an address settles it. A name does, if one person in the class list has it and nothing that
is known speaks against it. Everything else is for a person, and the message says what would help.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbgrader.api import Gradebook

from autograders.platforms.archive import Unplaced
from autograders.platforms.platform import Person, Platform

STUDENTS = "python -m autograders students FILE"


def fold(text: str | None) -> str:
    r"""Return what two ways of typing the same have in common.

    Examples
    --------
    >>> fold(" Zoe\u0308 ") == fold("ZOË")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text or "").casefold()).strip()


@dataclass(frozen=True)
class Listed:
    """A student of the class list."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""


class People:
    """The class list, as far as it tells whose a platform's name is.

    Parameters
    ----------
    students : iterable of Listed
    platform : Platform
        How it spells names.
    known : mapping of str to str, optional
        Students by the platform's key, as an earlier hand-in had it.
    help_ : str
        What else may help where nobody can be found.
    """

    def __init__(
        self,
        students: Iterable[Listed],
        platform: Platform,
        known: Mapping[str, str] | None = None,
        help_: str = "give its table of grades with --table, or ",
    ) -> None:
        self.platform, self._help = platform, help_
        self._group = "; if it is a group, say who is in it, with --groups" if help_ else ""
        self.students = {student.id: student for student in students}
        self.known = {key: name for key, name in (known or {}).items() if name in self.students}
        self._by_login: dict[str, set[str]] = {}
        self._by_number: dict[str, set[str]] = {}
        self._by_name: dict[str, set[str]] = {}
        for one in self.students.values():
            for text in (one.id, one.email, one.lms):
                if text:
                    self._by_login.setdefault(fold(text), set()).add(one.id)
            if one.lms:
                self._by_number.setdefault(fold(one.lms), set()).add(one.id)
            for spelled in platform.spellings(one.first, one.last):
                self._by_name.setdefault(fold(spelled), set()).add(one.id)

    def find(self, person: Person) -> str:
        """Return whose a name is.

        Raises
        ------
        Unplaced
            If the class list has nobody of whom that is certain.
        """
        if not self.students:
            raise Unplaced(f"{person.said}: there is no class list; enter one with {STUDENTS}")
        sure = {name for login in person.logins for name in self._by_login.get(fold(login), ())}
        sure |= {name for text in person.numbers for name in self._by_number.get(fold(text), ())}
        if not sure and person.key in self.known:
            sure = {self.known[person.key]}
        named = {name for text in person.names for name in self._by_name.get(fold(text), ())}
        title = self.platform.title
        enter = f"{self._help}enter into the class list"
        if len(sure) > 1:
            raise Unplaced(f"{person.said} may be {_or(sure)}: several people in the class list")
        if sure:
            (name,) = sure
            if named and name not in named:
                raise Unplaced(
                    f"{person.said} has the number or address of {name!r} in the class list, and "
                    f"the name of {_or(named)}: mend the class list"
                )
            return name
        if len(named) > 1:
            raise Unplaced(
                f"{person.said} may be {_or(named)}, who have the same name: {enter} their "
                f"numbers or addresses on {title}"
            )
        if not named:
            raise Unplaced(
                f"{person.said} is nobody in the class list: {enter} the name that "
                f"{title} has, or the number, as lms_user_id{self._group}"
            )
        (name,) = named
        listed = self.students[name].lms
        if self.platform.keeps_numbers and listed.isdecimal() and person.numbers:
            raise Unplaced(
                f"{person.said} has the name of {name!r}, whose lms_user_id is {listed!r} in the "
                "class list: two people, or a wrong number there"
            )
        return name


def _or(names: Iterable[str]) -> str:
    return " or ".join(map(repr, sorted(names)))


def listed(gradebook: Gradebook) -> list[Listed]:
    """Return the class list of a gradebook."""
    return [
        Listed(s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
        for s in gradebook.students
    ]
