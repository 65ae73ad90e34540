"""What is known of hand-ins that a platform's names brought: ``collected/ASSIGNMENT.json``.

A platform takes feedback back under its own names, and tells the later of two hand-ins by what is
not in their files. ``collect`` writes it down beside ``submitted/``; ``return`` reads it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

FORMAT = 1


class RecordError(ValueError):
    """A record that cannot be read; the message says which."""


@dataclass(frozen=True)
class Known:
    """What is known of a student's hand-in.

    Attributes
    ----------
    platform, key : str
        Where it is from, and who that is there.
    packed : str
        When the platform packed it, in ISO's form.
    labels : mapping of str to str
        By lab, what the platform needs to know its file again.
    """

    platform: str
    key: str
    packed: str
    labels: Mapping[str, str]

    @property
    def time(self) -> datetime:
        """When the platform packed it."""
        return datetime.fromisoformat(self.packed)


def path_of(root: Path, assignment: str) -> Path:
    """Return where the record of an assignment is."""
    return root / "collected" / f"{assignment}.json"


def read(root: Path, assignment: str) -> dict[str, Known]:
    """Return what is known, by student; nothing if nothing is.

    Raises
    ------
    RecordError
        If the record is damaged.
    """
    path = path_of(root, assignment)
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        found = {name: Known(**known) for name, known in said["students"].items()}
        for known in found.values():
            datetime.fromisoformat(known.packed)
            if not all(isinstance(label, str) for label in known.labels.values()):
                raise ValueError("a label is no text")
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RecordError(
            f"{path} cannot be read ({error}); move it away, and collect again"
        ) from None
    return found


def write(root: Path, assignment: str, students: Mapping[str, Known]) -> None:
    """Write what is known, whole or not at all."""
    path = path_of(root, assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {name: asdict(known) for name, known in sorted(students.items())}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".record-") as scratch:
        made = Path(scratch, path.name)
        text = json.dumps({"format": FORMAT, "students": said}, ensure_ascii=False, indent=1)
        made.write_text(text + "\n", encoding="utf-8")
        os.replace(made, path)
