"""Say which checks demonstrably ran, unaltered, on the answer that was handed in.

Checks run under a seal (:mod:`autograders.grading.sealed`); this module judges what comes back, and
asks for more evidence that nobody announced: checks altered so that they must fail, and known wrong
answers, both in copies of the kernel's process. What the submission says is read first
(:mod:`autograders.grading.gate`). :mod:`autograders.grading.execute` runs the notebook and leans on
this module; the reasoning is in ``autograders/README.md``.
"""

from __future__ import annotations

import ast
import copy
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Float, Unicode
from traitlets.config import Configurable

from autograders.grading.gate import findings
from autograders.grading.sealed import Seal
from autograders.misconceptions import HERE, Answer, collect

LOOKED_AT = "No points by machine; a person will look at it."


class Proof(Configurable):
    """Evidence about one notebook's checks, gathered while it runs.

    Parameters
    ----------
    nb : NotebookNode
        The submission, its checks as released.
    lab : str
        The lab's name, to find known wrong answers.
    modules : mapping of str to str
        Sources of Python files handed in with it, by name without the ending.
    reference : mapping of str to str
        The lab's own answers by grade id: a known wrong answer to one question fails a check for
        certain only if the answers to the others are these.
    """

    answers = Unicode(
        str(HERE), help="The folder of known wrong answers, by lab; '' for none."
    ).tag(config=True)
    share = Float(
        0.05, help="The share of a notebook's time that running checks again may take."
    ).tag(config=True)

    def __init__(
        self,
        nb: NotebookNode,
        lab: str,
        modules: Mapping[str, str],
        reference: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.nb, self.lab, self.reference = nb, lab, reference
        self.checks = {c.metadata.nbgrader["grade_id"]: c for c in nb.cells if is_check(c)}
        self.seconds: dict[str, float] = {}
        self.found: dict[str, str] = {}
        self.started, self.spent = monotonic(), 0.0
        self.random = random.Random(secrets.randbits(64))
        self.doubted: dict[str, str] = {}
        self._read(modules)

    def before(self, seal: Seal, cell: NotebookNode) -> None:
        """Run a check altered so that it must fail, in a copy of the kernel, if there is time."""
        self.since = monotonic()
        left = self.share * (self.since - self.started) - self.spent
        if left > 0.1 and self.random.random() < 0.7:
            self._alter(seal, cell, left)
            self.spent += monotonic() - self.since
            self.since = monotonic()

    def after(self, cell: NotebookNode, outcome: Mapping[str, Any] | None) -> None:
        """Judge what came back from a check."""
        name = cell.metadata.nbgrader["grade_id"]
        self.seconds[name] = monotonic() - self.since
        if outcome is None:
            why = "What became of this check did not come back under the grader's seal."
            self._distrust([name], why)
        elif outcome["outcome"] == "tampered":
            why = f"`{outcome['evalue']}`, which checks rely on, was changed in this notebook."
            self._distrust([name], why)
        elif outcome["outcome"] == "lie":
            why = f"This check was handed a value of {outcome['evalue']}: return plain values."
            self._distrust([name], why)
        elif outcome["noted"]:
            why = f"The code that ran used {outcome['noted'][0]}, which no answer needs."
            self._distrust([name], why)
        elif outcome["outcome"] == "ok" and name in self.doubted:
            self._distrust([name], self.doubted[name])

    def finish(self, seal: Seal) -> None:
        """Run passed checks once more so that they must fail, a few of them."""
        passed = [name for name in self.seconds if not failed(self.checks[name].outputs)]
        passed = [name for name in passed if name not in self.found]
        limit = 5 + 3 * max(self.seconds.values(), default=0)
        duped = []
        for answer, name in self._wrong(passed)[:4]:
            cells = {**self.reference, **answer.cells}.values()
            outcome = seal.copied([*cells, self.checks[name].source], limit)["outcome"]
            if outcome != "ok":
                return
            duped.append(name)
        if len(duped) > 1:
            why = "Known wrong answers, put in the place of these, passed as well"
            self._distrust(self.checks, f"{why} ({', '.join(dict.fromkeys(duped))}).")

    def lost(self) -> None:
        """Note that the kernel ended while checks were run again."""
        self._distrust(self.checks, "Python ended when the checks were examined.")

    def verdict(self) -> dict[str, str]:
        """Return, by grade id, why a check's points cannot be given."""
        return self.found

    def _distrust(self, names: Any, why: str) -> None:
        for name in names:
            self.found.setdefault(name, f"{why} {LOOKED_AT}")

    # What is handed in

    def _read(self, modules: Mapping[str, str]) -> None:
        cells = [*((f"{name}.py", text) for name, text in modules.items())]
        cells += [
            (f"cell {number}", cell.source)
            for number, cell in enumerate(self.nb.cells)
            if cell.cell_type == "code" and not is_locked(cell)
        ]
        for where, what in findings(cells):
            number = int(where.removeprefix("cell ")) if where.startswith("cell ") else -1
            cell = self.nb.cells[number] if number >= 0 else None
            place = _place(cell, number) if cell is not None else where
            later = [
                name
                for name, check in self.checks.items()
                if number < 0 or any(c is check for c in self.nb.cells[number:])
            ]
            self._distrust(later, f"The code in {place} {what}, which could change how checks run.")

    # What must fail

    def _alter(self, seal: Seal, cell: NotebookNode, seconds: float) -> None:
        """Note it if an altered check passes, or again and again fails where it should not."""
        altered = alter(cell.source, self.random)
        if altered is None:
            return
        source, line = altered
        for _ in range(3):
            outcome = seal.copied([source], seconds)
            if outcome["outcome"] == "ok":
                why = "This check passed when it was altered so that it had to fail."
            elif outcome["outcome"] != "error" or _failed_at(outcome, line):
                return
            else:
                why = "This check did not fail in the same place when it was altered so as to fail."
        self.doubted[cell.metadata.nbgrader["grade_id"]] = why

    def _wrong(self, passed: Sequence[str]) -> list[tuple[Answer, str]]:
        """Return known wrong answers, each with a check that must fail it, those soon run first."""
        known = collect(self.lab, self.answers) if self.answers else []
        pairs = [
            (answer, self.random.choice(fitting))
            for answer in known
            if (fitting := sorted(answer.fails & set(passed)))
        ]
        # Cheap ones first, but not in an order that can be foretold.
        pairs.sort(key=lambda pair: self.seconds[pair[1]] * self.random.uniform(0.2, 1))
        return pairs


def _failed_at(outcome: Mapping[str, Any], line: int) -> bool:
    return outcome["ename"] == "AssertionError" and outcome["line"] == line


def is_check(cell: NotebookNode) -> bool:
    """Return whether a cell is graded by running it."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def failed(outputs: Sequence[NotebookNode]) -> bool:
    """Return whether outputs cost all points by nbgrader's rule."""
    return any(
        o.output_type == "error" or (o.output_type == "stream" and o.name == "stderr")
        for o in outputs
    )


def _place(cell: NotebookNode, number: int) -> str:
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return f"cell `{name}`" if name else f"cell {number + 1}"


# Checks that must fail


def alter(source: str, rng: random.Random) -> tuple[str, int] | None:
    """Return a check with one of its assertions altered, and the line where it must fail.

    What holds is negated, or a number is moved a little: nothing in the check tells that it is not
    the real one.

    Returns
    -------
    source : str
        The altered check.
    line : int
        The line of the altered assertion.
    None
        If the check has no assertion that can be altered.

    Examples
    --------
    >>> alter("assert 2 + 2 > 3", random.Random(0))
    ('assert 2 + 2 <= 3', 1)
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    places = list(_assertions(tree.body))
    if not places:
        return None
    chosen = rng.randrange(len(places))
    places[chosen].test = rng.choice(list(false_ones(places[chosen].test, rng)))
    text = ast.unparse(ast.fix_missing_locations(tree))
    return text, list(_assertions(ast.parse(text).body))[chosen].lineno


def _assertions(body: list[ast.stmt]) -> Iterator[ast.Assert]:
    """Yield assertions that are reached for certain, and whose failure nothing catches."""
    for statement in body:
        if isinstance(statement, ast.Assert):
            yield statement
        elif isinstance(statement, ast.For):
            yield from _assertions(statement.body)


_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.Is: ast.IsNot,
}
_OPPOSITE |= {new: old for old, new in _OPPOSITE.items()}


def false_ones(test: ast.expr, rng: random.Random) -> Iterator[ast.expr]:
    """Yield conditions that look at the same values, and are false if this one is true.

    Examples
    --------
    >>> test = ast.parse("abs(f(x) - 0.5) < 1e-6", mode="eval").body
    >>> [ast.unparse(new) for new in false_ones(test, random.Random(0))]
    ['abs(f(x) - 0.5) >= 1e-06', 'abs(f(x) - (0.5 + 0.81)) < 1e-06']
    """
    if not isinstance(test, ast.Compare) or len(test.ops) > 1:
        inside = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        yield test.operand if inside else ast.UnaryOp(ast.Not(), test)  # type: ignore[attr-defined]
        return
    opposite = copy.deepcopy(test)
    opposite.ops = [_OPPOSITE[type(test.ops[0])]()]
    yield opposite
    moved = copy.deepcopy(test)
    right = moved.comparators[0]
    number = isinstance(right, ast.Constant) and type(right.value) in (int, float)
    step = round(rng.uniform(0.3, 0.9), 2)
    if isinstance(test.ops[0], ast.Eq) and number:
        right.value += rng.choice([1, 2, -1]) if type(right.value) is int else step  # type: ignore[attr-defined]
        yield moved
    elif isinstance(test.ops[0], ast.Lt | ast.LtE) and number:
        difference = _difference(moved.left)
        if difference is not None and right.value < 0.1:  # type: ignore[attr-defined]
            difference.right = ast.BinOp(difference.right, ast.Add(), ast.Constant(step))
            yield moved


def _difference(value: ast.expr) -> ast.BinOp | None:
    """Return the difference of which a value is the size."""
    while isinstance(value, ast.Call):
        function = ast.unparse(value.func).split(".")[-1]
        if not value.args and isinstance(value.func, ast.Attribute) and function in _SIZES:
            value = value.func.value
        elif len(value.args) == 1 and function in ("float", *_SIZES):
            value = value.args[0]
        elif len(value.args) == 1 and function == "abs":
            inner = value.args[0]
            subtracts = isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub)
            return inner if subtracts else None  # type: ignore[return-value]
        else:
            return None
    return None


_SIZES = ("max", "sum", "item", "mean")
