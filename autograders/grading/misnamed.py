"""Labs that were handed in elsewhere than where they belong: ``05_low_rank (1).ipynb``.

Browsers, file managers and JupyterLab number and name copies, students hand in folders and other
kinds of files, and nbgrader passes over all that is not a lab's name in the right folder.
:func:`place` gives a file its lab's name where that is certain, by its name or by nbgrader's marks
in it, and says what it did, and what it could not do. The exporter of ``nbgrader autograde``
(:mod:`.submission`) and :mod:`autograders.batch.stages` lean on it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import BaseConverter

from autograders.grading.limited import Overrun, limited
from autograders.grading.matching import mark_of
from autograders.grading.reading import UnreadableNotebook, read_file

_ENDINGS = re.compile(r"(?:\.(?:ipynb|json|txt))+$")
_COPY = re.compile(r"[\s_-]*(?:\(\d+\)|(?:copy|kopie|copie|copia)[\s_-]*(?:\(?\d+\)?)?)$")
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")
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
        yield from _no_files(Path(folder))
        yield from _place(Path(folder), marks)


def _no_files(folder: Path) -> Iterator[str]:
    """Take away pipes, sockets and devices, which hold nothing: nbgrader would copy them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() or path.is_dir() or path.is_symlink() or path.suffix == ".ipynb":
            continue  # a lab's place is looked at where it is graded
        path.unlink()
        name = path.relative_to(folder).as_posix()
        yield f"{folder.parent.name}/{folder.name}: {name} was a pipe or a socket, and is removed"


def _place(folder: Path, marks: Mapping[str, set[str]]) -> Iterator[str]:
    where = f"{folder.parent.name}/{folder.name}"
    files = list(_files(folder))
    there = {path.stem for path in files if path == folder / f"{path.stem}.ipynb"} & {*marks}
    claims: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        here = path.parent == folder
        if here and path.suffix == ".ipynb" and path.stem in there:
            continue
        named = ".ipynb" in path.name.lower()
        lab = lab_of(path.name, marks) or lab_of(path.stem, marks)
        if here and named:
            lab = lab or _lab_by_marks(path, marks)
            if lab is None:
                yield f"{where}: {path.name} is none of the labs, and is not graded"
        elif lab in there or not (named or lab and _cells(path)):
            continue  # a copy, or no notebook
        if lab is not None:
            claims[lab].append(path)
    for lab, paths in claims.items():
        target = folder / f"{lab}.ipynb"
        names = " and ".join(path.relative_to(folder).as_posix() for path in paths)
        if target.is_dir():
            yield f"{where}: {target.name} is a folder; put {names} in its place"
        elif target.exists():
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
    missing = dict.fromkeys(sorted({*marks} - there - claims.keys()))
    for path in files if missing else ():
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in _ARCHIVES:
            no = " and no ".join(missing)
            yield f"{where}: {name} is not opened, and there is no {no}: unpack what is in it"
        elif bare := lab_of(path.stem, missing):
            yield f"{where}: {name} is no notebook, and {bare} is missing"
    for lab in missing:
        saved = folder / ".ipynb_checkpoints" / f"{lab}-checkpoint.ipynb"
        if saved.is_file():
            yield f"{where}: {lab} is missing, and {saved.relative_to(folder)} has what was saved"


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, but no links, and nothing hidden."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


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
    there = {mark_of(cell) for cell in _cells(path)}
    found = [lab for lab, names in marks.items() if 2 * len(names & there) > len(names)]
    return found[0] if len(found) == 1 else None


def _cells(path: Path) -> list[NotebookNode]:
    """Return a notebook's cells; none if a file is no notebook."""
    try:
        return limited(lambda: read_file(path).cells)
    except (UnreadableNotebook, Overrun):
        return []
