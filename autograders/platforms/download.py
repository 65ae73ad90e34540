"""Tells whose the files of a download are, and which of them belong together.

A download is a folder or a zip, in which names are as a platform made them, or as students did who
packed with a name that says it all. :func:`sort` puts the files of one attempt together, by names
alone; :meth:`Parcel.open` reads what is in it. ``collect`` leans on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from autograders.grading.misnamed import lab_of
from autograders.platforms import archive
from autograders.platforms.archive import File, Unplaced
from autograders.platforms.blackboard import BLACKBOARD
from autograders.platforms.canvas import CANVAS
from autograders.platforms.ilias import ILIAS
from autograders.platforms.moodle import MOODLE
from autograders.platforms.platform import Person, Piece, Platform

# In the order in which they are asked: whose names say most is first.
PLATFORMS: tuple[Platform, ...] = (MOODLE, BLACKBOARD, CANVAS, ILIAS)
_AGAIN = re.compile(r"-\d+(?=\.[^.]+$)")  # what Canvas adds to the name of what comes again
_WORDS = 1_000  # bytes of what a platform writes about an attempt


def piece_of(path: PurePosixPath) -> tuple[Platform, Piece] | None:
    """Return what a platform's name says, and which platform's it is; None if it is none."""
    for platform in PLATFORMS:
        if piece := platform.piece(path):
            return platform, piece
    return None


@dataclass
class Parcel:
    """One attempt of one person: the files that they handed in together."""

    platform: Platform
    person: Person
    time: datetime | None
    files: list[tuple[Piece, File]] = field(default_factory=list)

    @property
    def packed(self) -> datetime:
        """When the platform packed it."""
        return max(file.packed for _, file in self.files)

    @property
    def name(self) -> str:
        """The first file, for a message."""
        return self.files[0][1].path.as_posix()

    def open(self, labs: Collection[str]) -> Opened:
        """Read the labs in it.

        Raises
        ------
        Unplaced
            If there is none, or one twice, or a file must not be read.
        """
        opened = Opened()
        for piece, file in self.files:
            if piece.about:
                continue
            if piece.name.lower().endswith(".zip"):
                wanted = self._wanted(labs)
                inside = archive.unpack(file.read(archive.LARGEST_ZIP), wanted)
                opened.ignored += inside.ignored
                for one, content in inside.labs.items():
                    opened.add(one, content, piece, file)
                continue
            lab, late = self._lab(piece, file, labs)
            if lab is None:
                opened.ignored.append(piece.name)
            else:
                opened.add(lab, file.read(archive.LARGEST), piece, file)
                opened.late |= {late} - {""}
        if not opened.labs:
            held = ", ".join(opened.ignored[:5]) or "nothing"
            raise Unplaced(f"holds no lab, only {held}; labs are {', '.join(sorted(labs))}")
        opened.late |= {p.late for p, _ in self.files if p.name.lower().endswith(".zip")} - {""}
        return opened

    def _lab(self, piece: Piece, file: File, labs: Collection[str]) -> tuple[str | None, str]:
        """Return which lab a file is, and how late it says it is."""
        wanted = self._wanted(labs)
        if lab := wanted(piece.name):
            return lab, piece.late
        return wanted(file.path.name), ""

    def _wanted(self, labs: Collection[str]) -> Callable[[str], str | None]:
        written = {self.platform.written(lab): lab for lab in labs}

        def wanted(name: str) -> str | None:
            if ".ipynb" not in name.lower():  # browsers add .txt and .json
                return None
            found = lab_of(name, written)
            if found is None and self.platform.numbers_copies:
                found = lab_of(_AGAIN.sub("", name), written)
            return written[found] if found else None

        return wanted


@dataclass
class Opened:
    """What is in a parcel: labs by name, the platform's labels for them, files that are none."""

    labs: dict[str, bytes] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    late: set[str] = field(default_factory=set)

    def add(self, lab: str, content: bytes, piece: Piece, file: File) -> None:
        """Add a lab, unless there is one of that name."""
        if lab in self.labs:
            raise Unplaced(f"holds {lab} twice (look at {file.path.name}); ask which one counts")
        self.labs[lab], self.labels[lab] = content, piece.label


def sort(files: Iterable[File], people: Mapping[str, Mapping[str, Person]]) -> list[Parcel]:
    """Return the attempts in a download.

    Parameters
    ----------
    files : iterable of File
        Whose names are a platform's, all of them.
    people : mapping of str to mapping of str to Person
        By platform and key, what its table says of people.
    """
    parcels: dict[tuple[str, str, str, str], Parcel] = {}
    for file in files:
        found = piece_of(file.path)
        assert found is not None
        platform, piece = found
        key = (platform.name, piece.place, piece.person.key, piece.attempt)
        parcel = parcels.setdefault(key, Parcel(platform, piece.person, piece.time))
        parcel.files.append((piece, file))
        if piece.about and not file.problem:
            words = file.head(_WORDS).decode("utf-8", "replace")
            parcel.person = platform.named(parcel.person, words)
    for parcel in parcels.values():
        told = people.get(parcel.platform.name, {}).get(parcel.person.key)
        parcel.person = parcel.person.with_more(told)
        parcel.time = parcel.time or parcel.person.submitted
    return list(parcels.values())
