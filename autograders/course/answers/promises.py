"""What each exercise promises, and who holds it: the check, and the wrong answer that it catches.

A promise is what an exercise's text, docstring or hint says that the answer must do. A lab's
promises stand in ``misconceptions/LAB/promises.toml``, a table for each::

    [[measure_sparsity]]  # the grade id of the solution cell
    promise = "A fraction in [0, 1], not a percentage."
    check = "sparsity_is_a_fraction"  # the check that fails if it is broken
    wrong = "percent_for_fraction"  # the known wrong answer that breaks it
    hidden = ["the sparsity of a layer is"]  # how the hidden assertions begin that ask for it

:func:`problems` says where the map has a hole: a promise that nothing holds, or a hidden assertion
that asks for what nobody promised. ``python -m autograders check`` prints that.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_solution

from autograders.course.misconceptions import HERE, Answer
from autograders.grading.judge.names import plain_python
from autograders.grading.judge.parts import is_check, parts_of

FILE = "promises.toml"
_PARTS = {"promise": str, "check": str, "wrong": str, "hidden": list}


class PromiseError(ValueError):
    """A map of promises that cannot be read."""


@dataclass(frozen=True)
class Promise:
    """What an exercise says that its answer must do.

    Attributes
    ----------
    exercise : str
        Grade id of the solution cell.
    promise : str
        The sentence, in short.
    check : str
        Grade id of the check that fails if it is broken.
    wrong : str
        Name of a known answer to the exercise that breaks it.
    hidden : tuple of str
        How the sentences begin of those hidden assertions that ask for it.
    """

    exercise: str
    promise: str
    check: str
    wrong: str
    hidden: tuple[str, ...] = ()


def read(lab: str, folder: Path = HERE) -> list[Promise]:
    """Read a lab's promises; none if the lab has no map yet.

    Raises
    ------
    PromiseError
        If it is no TOML, or a promise lacks a part or has one that is unknown or of another type.
    """
    path = folder / lab / FILE
    if not path.exists():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PromiseError(f"{lab}/{FILE}: {error}") from None
    found = []
    for exercise, entries in tables.items():
        if not isinstance(entries, list):
            raise PromiseError(f"{lab}/{FILE}: {exercise} is no list; write [[{exercise}]]")
        for number, entry in enumerate(entries, start=1):
            parts = {"hidden": [], **entry}
            if {key: type(part) for key, part in parts.items()} != _PARTS:
                raise PromiseError(
                    f"{lab}/{FILE}: promise {number} of {exercise} has {', '.join(entry)}; write "
                    "promise, check and wrong, texts each, and a list for hidden where there is one"
                )
            found.append(Promise(exercise, **{**parts, "hidden": tuple(parts["hidden"])}))
    return found


def problems(
    notebook: NotebookNode, answers: Sequence[Answer], promises: Sequence[Promise]
) -> list[str]:
    """Return, in a sentence each, where the map of a lab has holes.

    Parameters
    ----------
    notebook : NotebookNode
        The lab's source.
    answers : sequence of Answer
        Its known answers.
    promises : sequence of Promise
        Its map.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    exercises = [cell.metadata.nbgrader.grade_id for cell in code if is_solution(cell)]
    checks = {cell.metadata.nbgrader.grade_id: cell for cell in code if is_check(cell)}
    known = {answer.name: answer for answer in answers}
    found = []
    for promise in promises:
        named = f'{promise.exercise} promises "{promise.promise}"'
        wrong = known.get(promise.wrong)
        if promise.exercise not in exercises:
            found.append(f"{named}, and is no exercise of the lab")
        if promise.check not in checks:
            found.append(f"{named}, held by {promise.check}, which is no check of the lab")
        if wrong is None:
            found.append(f"{named}, broken by {promise.wrong}, which is no known answer")
        elif promise.check not in wrong.fails:
            found.append(f"{named}, but {promise.wrong} does not fail {promise.check}")
        elif promise.exercise not in wrong.cells:
            found.append(f"{named}, but {promise.wrong} is no answer to {promise.exercise}")
    for name in exercises:
        if name not in {promise.exercise for promise in promises}:
            found.append(f"{name} promises nothing")
    for name, cell in checks.items():
        about = [promise for promise in promises if promise.check == name]
        if not about:
            found.append(f"{name} holds no promise")
        found += _strays(name, list(_sentences(cell.source)), about)
    return found


def _strays(check: str, said: Sequence[str], promises: Sequence[Promise]) -> Iterator[str]:
    """Hold a check's hidden sentences against those that its promises name."""
    for sentence in said:
        asking = [p for p in promises if any(map(sentence.startswith, p.hidden))]
        if len(asking) != 1:
            what = "belongs to no promise" if not asking else f"belongs to {len(asking)} promises"
            yield f'{check}: the hidden assertion "{sentence}" {what}'
    for promise in promises:
        for start in promise.hidden:
            if not any(sentence.startswith(start) for sentence in said):
                yield f'{check}: no hidden assertion begins "{start}", as {promise.exercise} says'


def _sentences(source: str) -> Iterator[str]:
    """Yield what the hidden assertions of a check say; a test holds that each says something."""
    for part in parts_of(source):
        for node in ast.walk(ast.parse(plain_python(part.source))) if part.hidden else ():
            if isinstance(node, ast.Assert) and isinstance(node.msg, ast.Constant):
                yield str(node.msg.value)
