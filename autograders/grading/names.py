"""Whose a submission is: names that nbgrader can work with, and what becomes of the others.

nbgrader takes a folder's name for a pattern of file names, a part of a list, and a line of a table.
The rule for names is :func:`check_name`. It is kept where names reach nbgrader: by
:class:`CheckNames` when submissions are graded, by :class:`CheckedStudents` when students are
entered into the gradebook.
"""

from __future__ import annotations

import logging
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from glob import escape, glob
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.auth import NoAuthPlugin
from nbgrader.converters import NbGraderException
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode

from autograders.grading import times

_SIGNS = " ._-'’@"  # what a name may hold beside letters and digits
# Letters and marks that show nothing: Unicode's Default_Ignorable_Code_Point among those.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(10))}
_END = chr(sys.maxunicode)  # comes after every name
RENAME = "rename its folder to the name in the class list"


class UnfitName(ValueError):
    """A name that cannot be a student's; the message says why."""


def check_name(name: str) -> str:
    r"""Return a student's name as it stands in the names of folders: stripped and composed (NFC).

    A name has letters and digits of any script, spaces, and ``. _ - ' @``. It begins and ends with
    neither a dot nor a hyphen, is no device of Windows, and has no two hyphens together, which
    stand between the parts of a zip's name.

    Raises
    ------
    UnfitName
        If it is no such name, or longer than 80 characters or 160 bytes.

    Examples
    --------
    >>> check_name(" Zoe\u0308 d'Arc ")
    "Zoë d'Arc"
    """
    name = unicodedata.normalize("NFC", name).strip()
    strange = next((c for c in name if not _may_hold(c)), "")
    if not name:
        why = "is empty"
    elif strange:
        why = f"contains {strange!r}"
    elif "--" in name:
        why = "contains '--'"
    elif name.strip(".-") != name:
        why = "begins or ends with a dot or hyphen"
    elif not any(map(_is_seen, name)):
        raise UnfitName(f"the name {ascii(name)} has no letter or digit that can be seen")
    elif name.partition(".")[0].strip().upper() in _DEVICES:
        why = "is a device of Windows"
    elif len(name) > 80:
        why = "is longer than 80 characters"
    elif len(name.encode(errors="replace")) > 160:
        why = "is longer than 160 bytes"
    else:
        return name
    raise UnfitName(f"the name {name!r} {why}")


def _is_seen(character: str) -> bool:
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", character))
    return any(unicodedata.category(c)[0] in "LN" for c in plain)


def _may_hold(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character)[0] in "LMN"


def unfit(name: str) -> str:
    """Return why a name cannot be a student's, or nothing if it can.

    Examples
    --------
    >>> unfit("ada"), unfit("[m]_honest")
    ('', "the name '[m]_honest' contains '['")
    """
    try:
        good = check_name(name)
    except UnfitName as why:
        return str(why)
    return "" if good == name else f"the name {ascii(name)} should be written as {ascii(good)}"


def check_folder(root: Path) -> Path:
    """Return the folder of a course, if nbgrader can find anything in it.

    Raises
    ------
    ValueError
        If its path is a pattern.

    Examples
    --------
    >>> check_folder(Path("/home/anna/course [2026]"))
    Traceback (most recent call last):
        ...
    ValueError: the course lies in '/home/anna/course [2026]', which nbgrader takes for a pattern: \
rename the folder, without any of * ? [
    """
    if escape(str(root)) != str(root):
        raise ValueError(
            f"the course lies in {str(root)!r}, which nbgrader takes for a pattern: rename the "
            "folder, without any of * ? ["
        )
    return root


def key(name: str) -> str:
    r"""Return what names have in common that look like one person's.

    Examples
    --------
    >>> key("Ada  Lovelace") == key("ADA lovelace")
    True
    >>> key("ada\N{VARIATION SELECTOR-16}") == key("ada")
    True
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(_UNSEEN.sub("", folded).split())


def alike(names: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for all names that look like one person's.

    Examples
    --------
    >>> list(alike(["ada", "bob", "Ada"]))
    ["'Ada' and 'ada' look like one person"]
    """
    together: dict[str, set[str]] = {}
    for name in names:
        together.setdefault(key(name), set()).add(name)
    for group in together.values():
        if len(group) > 1:
            yield f"{' and '.join(map(repr, sorted(group)))} look like one person"


def leave_out(converter: BaseConverter) -> dict[str, str]:
    """Take those submissions from a converter whose names are unfit; return why, by name.

    Parameters
    ----------
    converter : BaseConverter
        After its ``init_notebooks``, which takes a name with brackets for a pattern, and finds
        another student's notebooks with it.
    """
    course = converter.coursedir
    pattern = converter._format_source(re.escape(course.assignment_id), "(?P<student>.*)", True)
    wanted = converter._format_source(course.assignment_id, course.student_id)
    reasons = {}
    for path in sorted({*glob(wanted, include_hidden=True), wanted}):
        match = re.fullmatch(pattern, path, re.DOTALL)
        if match and Path(path).is_dir() and (why := unfit(match["student"])):
            reasons[match["student"]] = why
            converter.assignments.pop(path, None)
            if path == wanted:  # one student, by name: what was found are others
                converter.assignments.clear()
    return reasons


def seen(converter: BaseConverter) -> Iterator[str]:
    """Yield a sentence for names, handed in or in the gradebook, that look like one person's."""
    course = converter.coursedir
    pattern = converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", True)
    found = {
        match["student"] for path in converter.assignments if (match := re.match(pattern, path))
    }
    with Gradebook(course.db_url, course.course_id) as gradebook:
        listed = {student.id for student in gradebook.students}
    for sentence in alike(found | listed):
        if any(repr(name) in sentence for name in found):
            yield sentence


class CheckNames(NbGraderPreprocessor):
    """Leave out submissions whose names are unfit, say so, and end with status 1 for them."""

    # What the exporter sets for every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        converter = getattr(self.parent, "parent", None)
        if not isinstance(converter, BaseConverter) or not converter.assignments:
            return  # in a worker, or to show a page
        times.forgive(converter.coursedir, lambda said: self.log.warning("%s", said))
        for sentence in seen(converter):
            self.log.warning("%s", sentence)
        if reasons := leave_out(converter):
            converter.assignments = _Ending(converter.assignments, reasons, self.log)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as it is."""
        return nb, resources


class _Ending(dict[str, Any]):
    """Submissions that nbgrader asks for one after the other, and at the end hears what is left."""

    def __init__(
        self, found: Mapping[str, Any], reasons: Mapping[str, str], log: logging.Logger
    ) -> None:
        super().__init__({**found, _END: []})
        self.reasons, self.log = reasons, log

    def __getitem__(self, path: str) -> Any:
        if path == _END:
            for why in self.reasons.values():
                self.log.error("Left out: %s", why)
            said = f"{len(self.reasons)} left out: for each of them, {RENAME}, and run this again"
            self.log.error("%s", said)
            raise NbGraderException(said)
        return super().__getitem__(path)


class CheckedStudents(NoAuthPlugin):
    """Have ``nbgrader db student add`` and ``import`` take no name that cannot be graded."""

    def add_student_to_course(self, student_id: str, course_id: str) -> None:
        """Refuse a name that is unfit, before it is in the gradebook; tell one like another."""
        if why := unfit(student_id or ""):
            self.log.error("Not added, nor anybody after: %s", why)
            sys.exit(1)
        course = self.parent.parent.coursedir
        with Gradebook(course.db_url, course.course_id) as gradebook:
            there = {student.id for student in gradebook.students}
        for sentence in alike(there | {student_id}):
            if repr(student_id) in sentence:
                self.log.warning("%s", sentence)
