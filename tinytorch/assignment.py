"""What an assignment is beside its notebooks: ``assignment.toml`` in their folder.

The folders of ``modules/`` that hold notebooks are the assignments. The file is released with the
labs and goes where they go, to a student's kit too, so that :mod:`tinytorch.submit` knows what it
packs. Leans on Python's standard library alone; all that asks for an assignment's labs, points or
words leans on it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "assignment.toml"
_TEXTS, _PARTS = ("name", "subject", "question"), ("points", "unfinished")


class AssignmentError(ValueError):
    """An assignment that is not there, or does not say what it is; the message says what to do."""


@dataclass(frozen=True)
class Assignment:
    """What ``assignment.toml`` says.

    Attributes
    ----------
    name : str
        As nbgrader knows it: the name of the folder in ``modules/``.
    subject : str
        What the labs are about, as a phrase.
    question : str
        What the checkpoint asks, with what it is tried on, as a phrase.
    points : mapping of str to float
        What each lab is worth, by its name, in the order in which they are done.
    unfinished : bool
        Whether labs that are named in `points` may still have to be written.
    """

    name: str
    subject: str
    question: str
    points: Mapping[str, float]
    unfinished: bool = False

    @property
    def labs(self) -> tuple[str, ...]:
        """The labs' names."""
        return tuple(self.points)


def read(folder: str | Path) -> Assignment:
    """Read what a folder of labs says of itself.

    Parameters
    ----------
    folder : str or Path
        Where the labs are: an assignment's source or release, or ``labs/`` of a kit.

    Raises
    ------
    AssignmentError
        If the file is missing, is no TOML, or lacks a part or has one that is unknown.

    Examples
    --------
    >>> read("nowhere")
    Traceback (most recent call last):
        ...
    tinytorch.assignment.AssignmentError: there is no assignment.toml in nowhere/, which comes \
with the labs and says which assignment they are
    """
    path = Path(folder, FILE)
    if not path.is_file():
        raise AssignmentError(
            f"there is no {FILE} in {folder}/, which comes with the labs and says which assignment "
            "they are"
        )
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AssignmentError(f"{path} cannot be read: {error}") from None
    unfit = [key for key in _TEXTS if not isinstance(said.get(key), str) or not said[key]]
    points = said.get("points")
    if not isinstance(points, dict) or not points or not all(map(_is_number, points.values())):
        unfit.append("points")
    if not isinstance(said.get("unfinished", False), bool):
        unfit.append("unfinished")
    unfit += [key for key in said if key not in (*_TEXTS, *_PARTS)]
    if unfit:
        raise AssignmentError(
            f"{path}: look at {', '.join(unfit)}. It has a text each for {', '.join(_TEXTS)}, a "
            "table [points] with a number for each lab, and may say that it is unfinished"
        )
    return Assignment(**said)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def names(root: Path) -> list[str]:
    """Return the names of a course's assignments, in the order in which they are taught.

    Parameters
    ----------
    root : Path
        The folder that holds ``modules/``.
    """
    return sorted({path.parent.name for path in root.glob("modules/*/*.ipynb")})


def choose(root: Path, name: str | None) -> str:
    """Return the name that was given, or that of the only assignment.

    Raises
    ------
    AssignmentError
        If none was given and there are several, or none.
    """
    if name is not None:
        return name
    there = names(root)
    if len(there) != 1:
        raise AssignmentError(
            f"say which assignment: {' or '.join(there)}" if there else "no labs are in modules/"
        )
    return there[0]
