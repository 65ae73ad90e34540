"""Packs a student's labs for hand-in: ``python -m tinytorch.submit NAME``.

The zip holds the notebooks and is named so that nbgrader's ``zip_collect`` can tell whose they are
and when they were packed; the instructor's side is ``python -m autograders collect``. Which labs
there are, and of which assignment, :mod:`tinytorch.assignment` reads beside them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tinytorch.assignment import AssignmentError, read
from tinytorch.console import disk_trouble, print_any_name

_SIGNS = " ._-'’@"  # what a name may hold beside letters and digits
# Letters and marks that show nothing: Unicode's Default_Ignorable_Code_Point among those.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(10))}
LARGEST = 20_000_000  # bytes of a notebook; the labs are below one million
_STUBS = ("raise NotImplementedError(", "*Your answer here.*")


class SubmitError(ValueError):
    """Work that cannot be packed as it is; nothing was written."""


def pack(name: str, labs: str | Path = "labs", folder: str | Path = ".") -> tuple[Path, list[str]]:
    """Pack the labs of a folder for hand-in.

    Parameters
    ----------
    name : str
        Who hands in: what the instructor has in the list of students.
    labs : str or Path
        The folder of the labs.
    folder : str or Path
        Where to write the zip.

    Returns
    -------
    archive : Path
        A new file ``ASSIGNMENT--NAME--TIME.zip``, the time in UTC.
    remarks : list of str
        Labs that are missing or not finished, and notebooks that are not packed, in a sentence
        each. They do not hinder a hand-in.

    Raises
    ------
    SubmitError
        If the name cannot be part of a file's name, there is no lab, nothing says of which
        assignment it is, a lab cannot be read, or the zip cannot be written.

    Examples
    --------
    >>> pack("ada/lovelace")
    Traceback (most recent call last):
        ...
    tinytorch.submit.SubmitError: the name 'ada/lovelace' contains '/'; use the name or number \
that your instructor knows you by
    """
    name = check_name(name)
    if not any(Path(labs).glob("*.ipynb")):
        raise SubmitError(
            f"there is no lab in {labs}/ (in {Path.cwd().name}/); run this in the folder of the "
            "kit, or name the folder of the labs after your name"
        )
    try:
        assignment = read(labs)
    except AssignmentError as error:
        raise SubmitError(f"{error}. Take it out of the kit's zip again") from None
    found = {lab: Path(labs, f"{lab}.ipynb") for lab in assignment.labs}
    there = {lab: path for lab, path in found.items() if path.is_file()}
    if not there:
        raise SubmitError(
            f"none of the notebooks in {labs}/ is a lab of {assignment.name}; they are called "
            f"{', '.join(f'{lab}.ipynb' for lab in found)}"
        )
    remarks = [f"{lab}.ipynb is missing" for lab in found if lab not in there]
    remarks += [
        f"{path.relative_to(labs).as_posix()} is not the name of a lab: it is not packed"
        for path in sorted(Path(labs).rglob("*.ipynb"))
        if path not in found.values() and ".ipynb_checkpoints" not in path.parts
    ]
    for lab, path in there.items():
        unfinished = _unfinished(path)
        if unfinished:
            remarks.append(f"{lab}.ipynb is not finished: {', '.join(unfinished)}")
    now = datetime.now(UTC)
    archive = Path(folder, f"{assignment.name}--{name}--{now:%Y%m%dT%H%M%SZ}.zip")
    _write(archive, there)
    return archive, remarks


def _write(archive: Path, labs: Mapping[str, Path]) -> None:
    """Write a zip, whole or not at all."""
    partial = archive.with_suffix(".part")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed:
            for lab, path in labs.items():
                packed.write(path, f"{lab}.ipynb")
        partial.replace(archive)
    except OSError as error:
        trouble = disk_trouble(error, archive.name)
        if trouble is None:
            raise
        raise SubmitError(f"nothing was packed. {trouble}") from error
    finally:
        partial.unlink(missing_ok=True)


def check_name(name: str) -> str:
    r"""Return a student's name as it stands in file names: stripped and composed (NFC).

    A name has letters and digits of any script, spaces, and ``. _ - ' @``. It begins and ends with
    neither a dot nor a hyphen, is no device of Windows, and has no two hyphens together, which
    stand between the parts of a zip's name.

    Raises
    ------
    SubmitError
        If it is no such name, or longer than 80 characters or 160 bytes.

    Examples
    --------
    >>> check_name(" Zoe\u0308 d'Arc ")
    "Zoë d'Arc"
    """
    name = unicodedata.normalize("NFC", name).strip()
    unfit = [c for c in name if c not in _SIGNS and unicodedata.category(c)[0] not in "LMN"]
    problems = {
        "is empty": not name,
        f"contains {''.join(unfit[:1])!r}": unfit,
        "contains '--'": "--" in name,
        "begins or ends with a dot or hyphen": name.strip(".-") != name,
        "has no letter or digit that can be seen": not any(map(_is_seen, name)),
        "is a device of Windows": name.partition(".")[0].strip().upper() in _DEVICES,
        "is longer than 80 characters": len(name) > 80,
        "is longer than 160 bytes": len(name.encode(errors="replace")) > 160,
    }
    for problem, there in problems.items():
        if there:
            shown = repr(name) if any(map(_is_seen, name)) else ascii(name)
            raise SubmitError(
                f"the name {shown} {problem}; use the name or number that your instructor knows "
                "you by"
            )
    return name


def _is_seen(character: str) -> bool:
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", character))
    return any(unicodedata.category(c)[0] in "LN" for c in plain)


def _unfinished(path: Path) -> list[str]:
    """Return the grade ids of the cells that are as they were released."""
    if path.stat().st_size > LARGEST:
        raise SubmitError(
            f"{path.name} has {path.stat().st_size:,} bytes; at most {LARGEST:,} can be handed in. "
            "Clear its outputs (Edit, Clear Outputs of All Cells), save, and pack again"
        )
    answers = [
        (marks.get("grade_id"), source if isinstance(source, str) else "".join(map(str, source)))
        for cell in _cells(path)
        if isinstance(source := cell.get("source"), str | list)
        if isinstance(marks := (cell.get("metadata") or {}).get("nbgrader"), dict)
        if marks.get("solution")
    ]
    return [str(name) for name, source in answers if any(stub in source for stub in _STUBS)]


def _cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells, if those who grade can read them: in any encoding, of any format.

    Raises
    ------
    SubmitError
        If not.
    """
    content = path.read_bytes()
    try:
        try:
            said = json.loads(content)  # which finds the encoding itself
        except UnicodeDecodeError:
            said = json.loads(content.decode(json.detect_encoding(content), "replace"))
        if not isinstance(said, dict):
            raise ValueError("it is JSON, but no notebook")
        sheets = [said] if "cells" in said else said["worksheets"]
        cells = [cell for sheet in sheets for cell in sheet["cells"] if isinstance(cell, dict)]
        if not cells:
            raise ValueError("it has no cells")
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise SubmitError(
            f"{path.name} is not a readable notebook ({error}). Take a fresh copy of it from the "
            "kit's zip and carry your answers over, or take it out of the folder; nothing was "
            "packed"
        ) from None
    return cells


def main(argv: Sequence[str] | None = None) -> int:
    """Pack the labs and say what was packed; return the exit status."""
    print_any_name()
    parser = argparse.ArgumentParser(
        prog="python -m tinytorch.submit", description="Pack your labs for hand-in."
    )
    parser.add_argument("name", help="the name or number your instructor knows you by")
    parser.add_argument("labs", nargs="?", default="labs", help="the folder of the labs (labs)")
    options = parser.parse_args(argv)
    try:
        archive, remarks = pack(options.name, options.labs)
    except SubmitError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for remark in remarks:
        print(f"note: {remark}")
    print(f"packed {len(zipfile.ZipFile(archive).namelist())} labs: upload {archive.name} as it is")
    return 0


if __name__ == "__main__":
    sys.exit(main())
