"""Files of students' folders: which there are, and where there is room for more.

It leans on nothing; ``Execute``, the batch and ``preflight`` lean on it.
"""

from __future__ import annotations

import shutil
from pathlib import Path


def has_room(folder: Path, name: str) -> bool:
    """Return whether a file can be written where others have been handed in."""
    path = folder / name
    above = [folder / parent for parent in Path(name).parents]
    return not path.is_dir() and all(one.is_dir() or not one.exists() for one in above)


def forget_links(handed_in: Path, graded: Path) -> None:
    """Take away what nbgrader copied through the links in what was handed in."""
    for path in handed_in.rglob("*"):
        if path.is_symlink():
            (graded / path.relative_to(handed_in)).unlink(missing_ok=True)


def files_in(folder: Path) -> list[tuple[Path, Path]]:
    """Return the files in a folder, but no links, each with its name seen from there."""
    return [
        (path.relative_to(folder), path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def copy_file(source: Path, target: Path) -> None:
    """Copy a file into a folder that may not be there yet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
