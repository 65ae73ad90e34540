"""Small changes to the reference answers, made by mutmut: the checks must notice every one.

The known wrong answers are ideas that people have; a mutant is a slip that a machine makes, such as
``<`` for ``<=`` or an argument left out. ``python -m autograders mutants`` runs those of every
solution cell against the checks, and writes what each fails to ``misconceptions/LAB/mutants.json``.
One that fails nothing is answered by a check that notices it, or explained in ``equivalent.toml``
beside it::

    [[keep_largest]]  # the grade id of the solution cell
    was = "if n_drop == 0:"
    now = "if n_drop < 0:"
    why = "..."

Only :func:`make` needs mutmut, whose operators it applies; `make mutants` installs it. The tests
hold that what is stored belongs to the lab as it is now, and run a few of the mutants again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from autograders.course.answers.runner import LABS, is_demo, run_answers, solutions
from autograders.course.misconceptions import HERE, Answer
from autograders.course.notebook_lint import SOLUTION

FILE, REASONS = "mutants.json", "equivalent.toml"
_UNSAID = re.compile(r",\s*(strict=\w+)?(?=\s*\))")
SECONDS = 20  # for a cell: some mutants never come to an end


@dataclass(frozen=True)
class Mutant:
    """A change to the reference answer of one exercise.

    Attributes
    ----------
    exercise : str
        Grade id of the solution cell.
    first, last : int
        The lines of the cell that it replaces, counted from 1.
    now : str
        What stands there instead.
    """

    exercise: str
    first: int
    last: int
    now: str

    def was(self, source: str) -> str:
        """Return what stands there in the reference."""
        return "\n".join(source.splitlines()[self.first - 1 : self.last])

    def put(self, source: str) -> str:
        """Return the cell with the change in it."""
        lines = source.splitlines()
        return "\n".join([*lines[: self.first - 1], self.now, *lines[self.last :]])


@dataclass(frozen=True)
class Result:
    """What the checks of a lab made of its mutants.

    Attributes
    ----------
    by : str
        The tool that made them, with its version.
    text : str
        :func:`digest` of the lab that they were run in.
    fails : mapping of Mutant to str or None
        The first check that noticed it.
    """

    by: str
    text: str
    fails: Mapping[Mutant, str | None]


def make(exercise: str, source: str) -> list[Mutant]:
    """Make the mutants of a solution cell.

    Only what students write is changed; and neither the words of errors and assertions, which are
    free, nor whether ``zip`` compares lengths, which makes no difference while they are equal.

    Parameters
    ----------
    exercise, source : str
        Grade id and source of the cell.
    """
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider
    from mutmut.mutation.mutators import mutation_operators

    lines, said = set(_solution(source)), _UNSAID.sub("", source)
    wrapper = MetadataWrapper(libcst.parse_module(source), unsafe_skip_copy=True)
    module: Any = wrapper.module
    position = wrapper.resolve(PositionProvider)

    def below(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
        yield node
        for child in node.children:
            if not (isinstance(node, libcst.Assert) and child is node.msg):
                yield from below(child)

    found: dict[Mutant, None] = {}  # in order; several operators may make the same
    for node in below(module):
        if node not in position or position[node].start.line not in lines:
            continue
        for kind, operator in mutation_operators:
            for changed in operator(node) if isinstance(node, kind) else ():
                text = module.deep_replace(node, changed).code
                if _UNSAID.sub("", text) != said and _is_python(text):
                    found[_difference(exercise, source, text)] = None
    return list(found)


def digest(notebook: NotebookNode) -> str:
    """Return a hash of all code that a check's verdict may depend on."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code" if not is_demo(cell)]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()


def run(
    notebook: NotebookNode, mutants: Sequence[Mutant], jobs: int = 2
) -> dict[Mutant, str | None]:
    """Return the first check that each mutant fails, None where there is none."""
    sources = solutions(notebook)
    answers = {
        mutant: Answer(
            lab="",
            name=f"mutant {number}",
            idea="A machine's slip.",
            cells={mutant.exercise: mutant.put(sources[mutant.exercise])},
            fails=frozenset(),
        )
        for number, mutant in enumerate(mutants)
    }
    verdicts = run_answers(notebook, list(answers.values()), jobs, SECONDS, one_failure=True)
    for check, verdict in verdicts["reference"].items():
        if not verdict.passed:
            raise RuntimeError(f"the reference fails {check}: {verdict.message}")
    return {
        mutant: next((c for c, v in verdicts[answer.name].items() if not v.passed), None)
        for mutant, answer in answers.items()
    }


def read(lab: str, folder: Path = HERE) -> Result | None:
    """Read what is stored of a lab; None if nothing is."""
    path = folder / lab / FILE
    if not path.exists():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    fails = {Mutant(*entry): check for *entry, check in stored["mutants"]}
    return Result(stored["by"], stored["text"], fails)


def save(lab: str, result: Result, folder: Path = HERE) -> None:
    """Store what became of a lab's mutants, a line for each, so that a diff can be read."""
    entries = [
        json.dumps([m.exercise, m.first, m.last, m.now, check], ensure_ascii=False)
        for m, check in result.fails.items()
    ]
    head = f'{{\n"by": "{result.by}",\n"text": "{result.text}",\n"mutants": [\n'
    (folder / lab / FILE).write_text(head + ",\n".join(entries) + "\n]\n}\n", encoding="utf-8")


def reasons(lab: str, folder: Path = HERE) -> dict[tuple[str, str, str], str]:
    """Read why mutants are equivalent, by exercise, was and now, white space aside."""
    path = folder / lab / REASONS
    tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        (exercise, _squeezed(entry["was"]), _squeezed(entry["now"])): entry["why"]
        for exercise, entries in tables.items()
        for entry in entries
    }


def problems(
    notebook: NotebookNode, result: Result, explained: Mapping[tuple[str, str, str], str]
) -> list[str]:
    """Return, in a sentence each, what is wrong with what is stored of a lab."""
    if result.text != digest(notebook):
        return ["the lab is not the one that its mutants were run in: make mutants LAB=..."]
    sources = solutions(notebook)
    survivors = {
        (m.exercise, _squeezed(m.was(sources[m.exercise])), _squeezed(m.now))
        for m, check in result.fails.items()
        if check is None
    }
    return [
        *(
            f"{exercise}: no check notices `{now}` for `{was}`"
            for exercise, was, now in sorted(survivors - explained.keys())
        ),
        *(
            f"{exercise}: `{now}` for `{was}` is explained, and no survivor"
            for exercise, was, now in sorted(explained.keys() - survivors)
        ),
        *(
            f"{exercise}: no reason why `{now}` is as good as `{was}`"
            for (exercise, was, now), why in explained.items()
            if not why
        ),
    ]


def main(labs: Sequence[str] = (), jobs: int = 2, console: Console | None = None) -> int:
    """Run the mutants of labs, store what came of it, and print what no check noticed.

    Parameters
    ----------
    labs : sequence of str
        Names of labs; all of them by default.
    jobs : int
        Mutants at a time.
    console : Console, optional
        Where to print.

    Returns
    -------
    int
        Exit status: 1 if there is a survivor that nobody has explained.
    """
    console = console or Console()
    known = {path.stem: path for path in LABS}
    unknown = [lab for lab in labs if lab not in known]
    if unknown or not known:
        console.print(f"no lab {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
        return 2
    wrong = 0
    for lab in labs or known:
        notebook = nbformat.read(known[lab], as_version=4)
        mutants = [m for name, text in solutions(notebook).items() for m in make(name, text)]
        with console.status(f"{lab}: running {len(mutants)} mutants"):
            fails = run(notebook, mutants, jobs)
        result = Result(f"mutmut {version('mutmut')}", digest(notebook), fails)
        save(lab, result)
        noticed = sum(check is not None for check in fails.values())
        console.print(f"{lab}: the checks notice {noticed} of {len(mutants)} mutants")
        found = problems(notebook, result, reasons(lab))
        for sentence in found:
            console.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
        wrong += len(found)
    return 1 if wrong else 0


def _solution(source: str) -> Iterator[int]:
    """Yield the lines that students write, without those of errors."""
    inside = False
    said = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Raise)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for number, line in enumerate(source.splitlines(), start=1):
        inside = SOLUTION[0] in line or (inside and SOLUTION[1] not in line)
        if inside and number not in said:
            yield number


def _is_python(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _difference(exercise: str, before: str, after: str) -> Mutant:
    """Return the lines that were changed."""
    old, new = before.splitlines(), after.splitlines()
    start = 0
    while old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return Mutant(exercise, start + 1, len(old) - end, "\n".join(new[start : len(new) - end]))


def _squeezed(code: str) -> str:
    return " ".join(code.split())
