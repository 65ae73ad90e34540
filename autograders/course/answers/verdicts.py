"""What every known answer fails, and how, stored beside the answers as one small file a lab.

``python -m autograders check --save`` writes ``misconceptions/LAB/verdicts.json``; ``check`` and
the tests say what differs from it. :mod:`autograders.course.answers.diagnosis` recognises mistakes
by these files, so they hold what a failure says too, with numbers blotted out: they differ between
machines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograders.course.misconceptions import HERE

Failures = Mapping[str, str]  # message by the grade id of a check that was failed
FILE = "verdicts.json"
LONGEST = 120  # characters of a message that are kept
_NUMBER = re.compile(r"(?<![A-Za-z_\d])[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?|\b(?:nan|inf)\b")
_BY_ZERO = re.compile(r"\b(?:float|integer) (?:division or modulo|division) by zero")  # until 3.13
_SCORED = re.compile(r"scored [\d.]+ of [\d.]+\Z")


def blot(message: str) -> str:
    r"""Return a message's first line as every Python says it, with ``#`` for every number.

    Examples
    --------
    >>> blot("AssertionError: sparsity is 50.0, not in [0, 1]")
    'AssertionError: sparsity is #, not in [#, #]'
    >>> blot("TypeError: float32 expected\nand more")
    'TypeError: float32 expected'
    >>> blot("ZeroDivisionError: float division by zero")
    'ZeroDivisionError: division by zero'
    >>> blot("scored 2 of 4")
    'scored 2 of 4'
    """
    if _SCORED.match(message):
        return message
    first = _BY_ZERO.sub("division by zero", message.strip().partition("\n")[0])
    return _NUMBER.sub("#", first)[:LONGEST].rstrip()


def read(lab: str, folder: Path = HERE) -> dict[str, dict[str, str]]:
    """Return a lab's stored failures by the answer's name; nothing if none are stored."""
    path = folder / lab / FILE
    if not path.exists():
        return {}
    stored: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return stored


def save(lab: str, failures: Mapping[str, Failures], folder: Path = HERE) -> None:
    """Store what every answer fails, a line for each failure, so that a diff can be read."""
    blotted = {
        answer: {check: blot(message) for check, message in failed.items()}
        for answer, failed in failures.items()
    }
    text = json.dumps(blotted, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / lab / FILE).write_text(text + "\n", encoding="utf-8")


def changes(stored: Mapping[str, Failures], failures: Mapping[str, Failures]) -> Iterator[str]:
    """Yield, in a sentence for each answer, which checks changed their verdict on it.

    Only whether a check fails counts: what it says may change with every library's version.

    Examples
    --------
    >>> list(changes({"percent": {"is_a_fraction": "50"}}, {"percent": {"counts": "1"}}))
    ['percent: now fails counts; now passes is_a_fraction']
    >>> list(changes({"percent": {}}, {"percent": {}, "signed": {"counts": "1"}}))
    ['signed: new, fails counts']
    """
    for answer in sorted({*stored, *failures}):
        if answer not in failures:
            yield f"{answer}: gone"
            continue
        now, before = set(failures[answer]), set(stored.get(answer, ()))
        if answer not in stored:
            yield f"{answer}: new, fails {', '.join(sorted(now)) or 'nothing'}"
        elif now != before:
            told = (("now fails", now - before), ("now passes", before - now))
            yield f"{answer}: " + "; ".join(f"{w} {', '.join(sorted(c))}" for w, c in told if c)
