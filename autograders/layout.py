"""Where a course's folders are, which assignments it has, and its gradebook: as nbgrader is told.

A command takes its course from ``nbgrader_config.py`` in the current folder, as nbgrader's own
commands do. It leans on nbgrader's ``CourseDirectory`` and on :mod:`autograders.grading.settings`;
the commands lean on it.
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from traitlets.config import Config

from autograders.grading import settings


class LayoutError(ValueError):
    """An assignment that is not named, or has no notebooks; the message says which there are."""


def course(root: Path | None = None, config: Config | None = None) -> CourseDirectory:
    """Return where the folders of a course are.

    Parameters
    ----------
    root : Path, optional
        The course's folder (by default, the current one).
    config : Config, optional
        Its settings, where they have been read already.

    Raises
    ------
    SettingsError
        If its settings cannot be read.
    """
    root = Path.cwd() if root is None else root
    config = settings.load(root) if config is None else config
    here = {} if "root" in config.CourseDirectory else {"root": str(root.resolve())}
    return CourseDirectory(config=config, **here)


def source(course: CourseDirectory, assignment: str) -> Path:
    """Return the folder of an assignment's source notebooks."""
    return Path(course.format_path(course.source_directory, ".", assignment))


def assignments(course: CourseDirectory) -> list[str]:
    """Return the names of the assignments that have notebooks in the source, in order."""
    pattern = source(course, "*")
    return sorted({path.parent.name for path in pattern.parent.glob("*/*.ipynb")})


def choose(course: CourseDirectory, name: str | None) -> str:
    """Return the name that was given, or that of the only assignment.

    Raises
    ------
    LayoutError
        If none was given, and there are several in the source, or none.
    """
    if name is not None:
        return name
    there = assignments(course)
    if len(there) != 1:
        no = f"there are no notebooks in {source(course, 'ASSIGNMENT')}"
        raise LayoutError(f"say which assignment: {' or '.join(there)}" if there else no)
    return there[0]


def notebooks(course: CourseDirectory, assignment: str) -> list[Path]:
    """Return the source notebooks of an assignment, in order.

    Raises
    ------
    LayoutError
        If there are none.
    """
    folder = source(course, assignment)
    found = sorted(folder.glob("*.ipynb"))
    if not found:
        there = ", ".join(assignments(course)) or "none"
        raise LayoutError(f"there are no notebooks in {folder}; the assignments are: {there}")
    return found


def gradebook(course: CourseDirectory) -> Gradebook | None:
    """Open the gradebook; None if there is none yet."""
    address = make_url(course.db_url)
    if address.drivername.startswith("sqlite") and not Path(address.database or "").exists():
        return None
    return Gradebook(course.db_url, course.course_id)
