'''Answers that students really give, wrong and right, one small file each.

A file is data and never imported: Python that its editor highlights, read with :mod:`ast`. Wrong
answers stand in a folder of the lab's name, right answers written another way in ``right/`` below::

    """Reports a percentage where a fraction in [0, 1] is asked for."""

    CELL = "measure_sparsity"  # the grade id of the solution cell that it replaces
    FAILS = ["sparsity_is_a_fraction"]  # the checks it must fail; every other one it passes

    # %% answer
    def measure_sparsity(model): ...

Where a check gives part of its points, ``POINTS = {"counts": 2}`` says how many; of the others that
fail none is expected. The docstring is the idea it gets wrong, in a sentence that a teacher would
say. An answer that replaces several cells has a list for ``CELL`` and one section ``# %% answer:
grade_id`` for each. :mod:`autograders.course.answers.runner` puts answers into notebooks and runs
them; the kill matrix, the feedback page and the sample class all read their answers here.
'''

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

HERE = Path(__file__).resolve().parent
_SECTION = re.compile(r"^# %% answer(?:: *(?P<cell>\w+))?[ \t]*$", re.MULTILINE)


class AnswerError(ValueError):
    """An answer's file that cannot be read, or that does not fit its lab."""


@dataclass(frozen=True)
class Answer:
    """What a student wrote in place of the reference, and the checks that must notice.

    Attributes
    ----------
    lab : str
        The lab's name, as in ``01_sparsity``.
    name : str
        The file's name without its ending; unique in a lab.
    idea : str
        What it gets wrong, or what it does differently, in one sentence.
    cells : mapping of str to str
        Source by the grade id of the solution cell that it replaces.
    fails : frozenset of str
        Grade ids of the checks that it must fail; empty for a right answer.
    points : mapping of str to float
        By the grade id of a check that it must fail: the part of the points that it gets for it.
        Where none is named, it gets none.
    """

    lab: str
    name: str
    idea: str
    cells: Mapping[str, str]
    fails: frozenset[str]
    points: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether it deserves every point."""
        return not self.fails


def load(path: str | Path) -> Answer:
    """Read one answer.

    Raises
    ------
    AnswerError
        If a part is missing, has the wrong type, or is not Python; with the file's name, and what
        to write instead.

    Examples -------- >>> load(HERE / "__init__.py")  # doctest: +ELLIPSIS Traceback (most recent
    call last): ... autograders.course.misconceptions.AnswerError: misconceptions/__init__.py: no
    line `CELL = ...`; ...
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    where = "/".join(path.parts[-2:])
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise AnswerError(f"{where}, line {error.lineno}: {error.msg}") from None

    idea = " ".join((ast.get_docstring(tree) or "").split())
    if not idea.endswith("."):
        raise AnswerError(f"{where}: opens with no docstring; say its idea in one sentence")
    names = _literal(tree, "CELL", where, "the grade id of the solution cell it replaces")
    fails = _literal(tree, "FAILS", where, "a list of the grade ids that must fail")
    part = _literal(tree, "POINTS", where, "points by the grade id of a check", {})
    names = [names] if isinstance(names, str) else names
    for line, value in (("CELL", names), ("FAILS", fails)):
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise AnswerError(f"{where}: {line} is {value!r}; write grade ids, as strings")
    if not (isinstance(part, dict) and set(part) <= {*fails} and all(n > 0 for n in part.values())):
        raise AnswerError(
            f"{where}: POINTS is {part!r}; write points above 0 by the grade id of a check in FAILS"
        )

    right = path.parent.name == "right"
    if right == bool(fails):
        raise AnswerError(
            f"{where}: right answers, in right/, have FAILS = []; wrong ones name at least one "
            f"check; FAILS is {fails!r}"
        )
    lab = path.parent.parent.name if right else path.parent.name
    return Answer(lab, path.stem, idea, _sections(text, names, where), frozenset(fails), part)


def collect(lab: str, folder: str | Path = HERE) -> list[Answer]:
    """Read every answer of a lab, wrong ones first, each group by name.

    Raises
    ------
    AnswerError
        As :func:`load`; or if two files have one name.
    """
    home = Path(folder, lab)
    files = [*sorted(home.glob("*.py")), *sorted(home.glob("right/*.py"))]
    answers = [load(path) for path in files]
    names = [answer.name for answer in answers]
    for name in names:
        if names.count(name) > 1:
            raise AnswerError(f"{lab}: two answers are called {name}; rename the one in right/")
    return answers


def check(answer: Answer, notebook: NotebookNode) -> None:
    """Hold an answer against its lab's source notebook.

    Raises
    ------
    AnswerError
        If it replaces a cell that is no solution cell of the lab, or names a check that the lab
        does not grade automatically.
    """
    cells = {
        cell.metadata.nbgrader["grade_id"]: cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    code = {name: cell for name, cell in cells.items() if cell.cell_type == "code"}
    solutions = sorted(name for name, cell in code.items() if is_solution(cell))
    checks = sorted(name for name, cell in code.items() if is_grade(cell) and name not in solutions)
    for kind, given, known in (
        ("replaces", answer.cells, solutions),
        ("names", answer.fails, checks),
    ):
        for name in sorted(set(given) - set(known)):
            what = "code cell for solutions" if kind == "replaces" else "check"
            raise AnswerError(
                f"{answer.lab}/{answer.name} {kind} {name}, which is no {what} in the lab; "
                f"it has: {', '.join(known) or 'none'}"
            )


def _literal(tree: ast.Module, name: str, where: str, meaning: str, missing: Any = None) -> Any:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == [name]:
            try:
                return ast.literal_eval(node.value)
            except ValueError:
                raise AnswerError(f"{where}: {name} is not a plain value; {meaning}") from None
    if missing is not None:
        return missing
    raise AnswerError(f"{where}: no line `{name} = ...`; {meaning}")


def _sections(text: str, names: list[str], where: str) -> dict[str, str]:
    """Split the text at its ``# %% answer`` lines; a single section need not name its cell."""
    _, *parts = _SECTION.split(text)
    default = names[0] if len(names) == 1 else ""
    found = [name or default for name in parts[::2]]
    sources = [source.strip() for source in parts[1::2]]
    if found != names:
        one = len(names) == 1
        raise AnswerError(
            f"{where}: has sections for {found or 'no cell'} where CELL says {names}; write "
            + ("`# %% answer` above the code" if one else "`# %% answer: grade_id` above each")
        )
    if not all(sources):
        raise AnswerError(f"{where}: the answer for {names[sources.index('')]} is empty")
    return dict(zip(names, sources, strict=True))
