"""Who hands in together: a table of groups, for a download in which one stands for all of them.

A group's files are in a download once: Moodle names the group, Canvas one member's number beside
the group's name, ILIAS the member who handed in, in a folder of the team's (where each says so
stands in their files here). Who is in a group, no download says. Tables that do:

- Canvas' *People*, a group set, *Download Group Category Roster CSV*: ``name``,
  ``canvas_user_id``, ``user_id``, ``login_id``, ``sections``, ``group_name`` and more;
- Moodle's grading worksheet of an assignment for groups, in English: column *Group*
  (``mod/assign/gradingtable.php``);
- one of the instructor's own: ``group`` and ``id``.

:mod:`.collect` leans on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograders.platforms.archive import Unplaced
from autograders.platforms.people import People, fold
from autograders.platforms.platform import Person
from autograders.platforms.table import Table, TableError

_GROUP = ("group", "group_name")
_NUMBER = ("canvas_user_id", "lms_user_id")
_LOGIN = ("id", "email", "email_address", "id_number", "login", "login_id", "user_id", "username")
_NAME = ("full_name",)


@dataclass(frozen=True)
class Groups:
    """Groups of students, as somebody named them.

    Attributes
    ----------
    rows : tuple of (str, Person)
        The group's name, and somebody in it.
    """

    rows: tuple[tuple[str, Person], ...] = ()

    def of(self, people: People) -> tuple[Mapping[str, list[str]], list[str]]:
        """Return who is in which group, by ids, and what is to be said of the table.

        Parameters
        ----------
        people : People
            The class list, and how the platform spells names.

        Returns
        -------
        members : mapping of str to list of str
            By each spelling of a group's name that the platform may have, folded.
        doubts : list of str
            Rows of which nobody knows who that is.

        Raises
        ------
        TableError
            If somebody is in two groups.
        """
        members, doubts = defaultdict[str, list[str]](list), []
        home: dict[str, str] = {}
        for name, person in self.rows:
            try:
                student = people.find(person)
            except Unplaced as problem:
                doubts.append(f"{name}: {problem}")
                continue
            if home.setdefault(student, name) != name:
                raise TableError(f"{student!r} is in two groups: {home[student]!r} and {name!r}")
            members[name].append(student)
        spelled = people.platform.spellings
        found: dict[str, list[str]] = {}
        for name, students in members.items():
            for text in {name, *spelled(name, ""), *spelled("", name)}:
                if found.setdefault(fold(text), students) is not students:
                    raise TableError(
                        f"two groups are called {name!r} on {people.platform.title}: rename one"
                    )
        return found, doubts


def read(content: bytes) -> Groups:
    r"""Read a table of groups.

    Parameters
    ----------
    content : bytes
        With headings: one for the group, and at least one that says who somebody is.

    Raises
    ------
    TableError
        If it has none.

    Examples
    --------
    >>> [(name, sorted(who.logins)) for name, who in read(b"group,id\nRed,ada\n,bob\n").rows]
    [('Red', ['ada'])]
    """
    table = Table(content)
    for number, row in enumerate(table.rows):
        headings = ["_".join(cell.text.lower().split()) for cell in row]
        groups = [i for i, text in enumerate(headings) if text in _GROUP]
        if groups and {*headings} & {*_NUMBER, *_LOGIN, *_NAME}:
            return Groups(tuple(_rows(table, number, groups[0], headings)))
    raise TableError(
        "that is no table of groups: it should have the headings 'group' and 'id', or be Canvas' "
        "roster of a group set, or Moodle's grading worksheet"
    )


def _rows(
    table: Table, headings_at: int, group: int, headings: list[str]
) -> Iterator[tuple[str, Person]]:
    for number in range(headings_at + 1, len(table.rows)):
        name = table.text(number, group).strip()
        said = {text: table.text(number, i).strip() for i, text in enumerate(headings)}
        found = [said[text] for text in (*_NUMBER, *_LOGIN, *_NAME) if said.get(text)]
        if not name or not found:
            continue
        yield (
            name,
            Person(
                found[0],
                found[-1],
                logins=frozenset(said[text] for text in (*_NUMBER, *_LOGIN) if said.get(text)),
                numbers=frozenset(said[text] for text in _NUMBER if said.get(text)),
                names=frozenset(said[text] for text in _NAME if said.get(text)),
            ),
        )
