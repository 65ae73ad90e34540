"""Labs that were handed in under another name than their own: ``05_low_rank (1).ipynb``.

Browsers, file managers and JupyterLab number and name copies, and nbgrader passes over what bears
another name than a lab. :func:`place` gives a file its lab's name where that is certain, by its
name or by nbgrader's marks in it, and says what it did, and what it could not do. The exporter of
``nbgrader autograde`` (:mod:`.submission`) and :mod:`autograders.batch.stages` lean on it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from urllib.parse import unquote

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import BaseConverter

from autograders.grading.limited import Overrun, limited
from autograders.grading.matching import mark_of
from autograders.grading.reading import UnreadableNotebook, read_file

_ENDINGS = re.compile(r"(?:\.(?:ipynb|json|txt))+$")
_COPY = re.compile(r"[\s_-]*(?:\(\d+\)|(?:copy|kopie|copie|copia)[\s_-]*(?:\(?\d+\)?)?)$")
_COPY_OF = re.compile(r"^(?:copy of|kopie von|copie de|copia de)\s+")


def place(converter: BaseConverter) -> Iterator[str]:
    """Give misnamed labs their names, and yield a sentence for each file that is no lab by name.

    Parameters
    ----------
    converter : BaseConverter
        Whose assignment and students are meant.
    """
    course = converter.coursedir
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            notebooks = gradebook.find_assignment(course.assignment_id).notebooks
        except MissingEntry:
            return  # which nbgrader will say
        marks = {lab.name: {cell.name for cell in lab.source_cells} for lab in notebooks}
    for folder in sorted(glob(converter._format_source(course.assignment_id, course.student_id))):
        yield from _place(Path(folder), marks)


def _place(folder: Path, marks: Mapping[str, set[str]]) -> Iterator[str]:
    where = f"{folder.parent.name}/{folder.name}"
    claims: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        known = path.name.endswith(".ipynb") and path.stem in marks
        if known or ".ipynb" not in path.name.lower() or path.is_symlink() or not path.is_file():
            continue
        lab = lab_of(path.name, marks) or _lab_by_marks(path, marks)
        if lab is None:
            yield f"{where}: {path.name} is none of the labs, and is not graded"
        else:
            claims[lab].append(path)
    for lab, paths in claims.items():
        target, names = folder / f"{lab}.ipynb", " and ".join(path.name for path in paths)
        if target.exists():
            yield f"{where}: {target.name} is graded, and {names} beside it is not"
        elif len(paths) > 1:
            yield f"{where}: {names} are both {lab}; rename the one that counts to {target.name}"
        else:
            try:
                paths[0].rename(target)
            except OSError as error:
                yield f"{where}: {names} should be renamed to {target.name} ({error.strerror})"
            else:
                yield f"{where}: {names} was renamed to {target.name}"


def lab_of(name: str, labs: Mapping[str, object]) -> str | None:
    """Return the one lab whose name a file bears, but for what copying and downloading add.

    Examples
    --------
    >>> labs = {"05_low_rank": None, "06_distillation": None}
    >>> [lab_of(name, labs) for name in ("05_low_rank (1).ipynb", "05_LOW_RANK-Copy2.ipynb",
    ...     "05_low_rank - Kopie.ipynb.txt", "05%20low%20rank.ipynb", "low_rank.ipynb")]
    ['05_low_rank', '05_low_rank', '05_low_rank', '05_low_rank', None]
    """
    found = [lab for lab in labs if _bare(lab) == _bare(name)]
    return found[0] if len(found) == 1 else None


def _bare(name: str) -> str:
    name = unicodedata.normalize("NFKC", unquote(name)).casefold().strip()
    name = _COPY_OF.sub("", _ENDINGS.sub("", name))
    while (shorter := _ENDINGS.sub("", _COPY.sub("", name))) != name:
        name = shorter
    return re.sub(r"[\s_-]+", "_", name)


def _lab_by_marks(path: Path, marks: Mapping[str, set[str]]) -> str | None:
    """Return the one lab of whose cells most are in a notebook."""
    try:
        notebook = limited(lambda: read_file(path))
    except (UnreadableNotebook, Overrun):
        return None
    there = {mark_of(cell) for cell in notebook.cells}
    found = [lab for lab, names in marks.items() if 2 * len(names & there) > len(names)]
    return found[0] if len(found) == 1 else None
