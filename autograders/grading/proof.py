"""Say which checks demonstrably ran, unaltered, on the answer that was handed in.

Three kinds of evidence, none of them announced: what the submission says
(:mod:`autograders.grading.gate` reads it), assertions that must fail around every check, and, after
the last cell, checks run again so that they must fail, once with something wrong in the check and
once with a known wrong answer in the kernel. :mod:`autograders.grading.execute` runs the notebook
and leans on this module; the reasoning is in ``autograders/README.md``.
"""

from __future__ import annotations

import ast
import copy
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Float, Unicode
from traitlets.config import Configurable

from autograders.grading.gate import findings
from autograders.misconceptions import HERE, Answer, collect

LOOKED_AT = "No points by machine; a person will look at it."


class Runner(Protocol):
    """What runs cells in the kernel that is being examined."""

    def probe(self, source: str) -> list[NotebookNode]:
        """Run code that is no part of the notebook; return its outputs."""


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
        self.started = monotonic()
        self.random = random.Random(secrets.randbits(64))
        self._read(modules)

    def before(self, runner: Runner, cell: NotebookNode) -> None:
        """Run an assertion that must fail, before about every second check."""
        if self.random.random() < 0.5:
            self._canary(runner)
        self.since = monotonic()

    def after(self, runner: Runner, cell: NotebookNode) -> None:
        """Run an assertion that must fail after a check that did not."""
        self.seconds[cell.metadata.nbgrader["grade_id"]] = monotonic() - self.since
        if not failed(cell.outputs):
            self._canary(runner)

    def finish(self, runner: Runner) -> None:
        """Run passed checks again so that they must fail, as many as the time allows."""
        passed = [name for name in self.seconds if not failed(self.checks[name].outputs)]
        passed = [name for name in passed if name not in self.found]
        self.random.shuffle(passed)
        left = self.share * (monotonic() - self.started)
        cheapest = min(passed, key=self.seconds.__getitem__, default=None)
        for name in passed:
            if name == cheapest or left > self.seconds[name]:
                left -= self.seconds[name]
                self._alter(runner, name)
        duped = []
        for answer, name in self._wrong(passed)[:4]:
            if not self._passes(runner, answer, name):
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
        sources = [cell.source for cell in self.checks.values()]
        for where, what in findings(cells, sources, modules):
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

    def _canary(self, runner: Runner) -> None:
        source, mark = canary(self.random)
        if mark not in message(runner.probe(source)):
            self._distrust(
                self.checks, "An assertion that is false did not fail in this notebook's Python."
            )

    def _alter(self, runner: Runner, name: str) -> None:
        altered = alter(self.checks[name].source, self.random)
        if altered is None:
            return
        source, marks = altered
        outputs = runner.probe(source)
        if not failed(outputs) or marks["passed"] in message(outputs):
            self._distrust(
                [name], "This check passed although it was changed so that it had to fail."
            )

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

    def _passes(self, runner: Runner, answer: Answer, name: str) -> bool:
        """Put a wrong answer among right ones; return whether a check lets it pass."""
        for source in {**self.reference, **answer.cells}.values():
            runner.probe(source)
        return not failed(runner.probe(self.checks[name].source))


def is_check(cell: NotebookNode) -> bool:
    """Return whether a cell is graded by running it."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def failed(outputs: Sequence[NotebookNode]) -> bool:
    """Return whether outputs cost all points by nbgrader's rule."""
    return any(
        o.output_type == "error" or (o.output_type == "stream" and o.name == "stderr")
        for o in outputs
    )


def message(outputs: Sequence[NotebookNode]) -> str:
    """Return what the errors among the outputs say."""
    return "\n".join(o.evalue for o in outputs if o.output_type == "error")


def last_is_expression(source: str) -> bool:
    """Return whether a cell's last statement is an expression, whose value is a result."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return bool(body) and isinstance(body[-1], ast.Expr)


def _place(cell: NotebookNode, number: int) -> str:
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return f"cell `{name}`" if name else f"cell {number + 1}"


# Assertions that must fail

_CANARIES = (
    "assert abs({x} - {y}) < 1e-6, '{mark}'",
    "assert round({x}, 3) == {y}, '{mark}'",
    "assert {x} == {y}, '{mark}'",
    "assert isinstance({x}, str), '{mark}'",
    "assert all([{x} < {big}, {big} < {y}]), '{mark}'",
    "assert not any([{x} < {big}, False]), '{mark}'",
    "assert len([{x}, {y}]) == 3, '{mark}'",
    "assert max({x}, {y}) > {big} and sum([{x}, {y}]) > 0, '{mark}'",
    "assert {{{x}, 1}} == {{{y}, 1}} and sorted([{y}, {x}]) == [{y}, {y}], '{mark}'",
    "raise AssertionError('{mark}')",
    "assert __import__('numpy').allclose({x}, {y}), '{mark}'",
    "assert __import__('numpy').array_equal([{x}], [{y}]), '{mark}'",
    "assert __import__('numpy').isclose({x}, {y}), '{mark}'",
    "assert (__import__('numpy').array([{x}]) == {y}).all(), '{mark}'",
    "__import__('numpy.testing').testing.assert_allclose({x}, {y}, err_msg='{mark}')",
    "__import__('numpy.testing').testing.assert_array_equal([{x}], [{y}], err_msg='{mark}')",
)


def canary(rng: random.Random) -> tuple[str, str]:
    """Return an assertion that must fail, and what its error must say.

    Examples
    --------
    >>> source, mark = canary(random.Random(0))
    >>> exec(source)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    AssertionError: ...
    """
    x = round(rng.uniform(0, 1), 4)
    mark = _mark(rng)
    source = rng.choice(_CANARIES).format(
        x=x, y=round(x + rng.uniform(0.1, 9), 4), big=999, mark=mark
    )
    return source, mark


def _mark(rng: random.Random) -> str:
    """Return a message that nothing else says, in words like those of a real check."""
    return f"expected {rng.uniform(0, 1):.12f}"


def alter(source: str, rng: random.Random) -> tuple[str, dict[str, str]] | None:
    """Return a check with one of its assertions changed so that it cannot hold.

    Returns
    -------
    source : str
        The changed check. It always ends in an error: at the changed assertion if all is well.
    marks : dict
        ``"passed"``: what the error says if that assertion was reached and held.
    None
        If the check has no assertion that can be changed.

    Examples
    --------
    >>> source, _ = alter("assert 2 + 2 == 4", random.Random(0))
    >>> "assert 2 + 2 == -" in source
    True
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    places = list(_assertions(tree.body))
    if not places:
        return None
    body, position = rng.choice(places)
    marks = {"failed": _mark(rng), "passed": _mark(rng), "unreached": _mark(rng)}
    log = f"seen_{rng.randrange(10**9)}"
    chosen = body[position]
    assert isinstance(chosen, ast.Assert)
    impossible = ast.Assert(_impossible(chosen.test, rng), ast.Constant(marks["failed"]))
    body[position : position + 1] = [ast.parse(f"{log}.append(1)").body[0], impossible]
    tree.body.insert(0, ast.parse(f"{log} = []").body[0])
    tree.body += ast.parse(
        f"assert not {log}, {marks['passed']!r}\nraise AssertionError({marks['unreached']!r})"
    ).body
    return ast.unparse(ast.fix_missing_locations(tree)), marks


def _assertions(body: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield assertions whose failure nothing in the check catches."""
    for position, statement in enumerate(body):
        if isinstance(statement, ast.Assert):
            yield body, position
        elif isinstance(statement, ast.For | ast.While | ast.If | ast.With):
            yield from _assertions(statement.body)


_COMPARABLE = {"array_equal", "allclose", "isclose"}


def _impossible(test: ast.expr, rng: random.Random) -> ast.expr:
    """Return a condition that looks at the same values and cannot hold."""
    test = copy.deepcopy(test)
    odd = ast.Constant(round(rng.uniform(-9e6, -1e6), 3))
    if isinstance(test, ast.Compare):
        endless = {ast.Lt: "-inf", ast.LtE: "-inf", ast.Gt: "inf", ast.GtE: "inf"}
        operator = type(test.ops[-1])
        if operator in endless:
            test.comparators[-1] = ast.parse(f"float({endless[operator]!r})", mode="eval").body
            return test
        if operator in (ast.Eq, ast.Is):
            test.comparators[-1] = odd
            return test
    call = test
    while isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and not call.args:
        call = call.func.value  # np.isclose(a, b).all()
    if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in _COMPARABLE:
        call.args[1:2] = [odd]
        return test
    return ast.Compare(test, [ast.Is()], [odd])
