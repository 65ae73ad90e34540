"""A class of hostile and broken submissions around one honest one, and what each should get.

A file in ``hostile/`` is an attack: what stands in the cells of a tiny lab, beside answers that are
wrong, and the points that the same work deserves without the attack. :data:`BROKEN` damages the
notebook itself. ``python -m autograders.tests.hostile_class`` prints the table of
``autograders/README.md``: each submission graded beside the honest one, by stock nbgrader and by
this course's settings. Payloads are bounded, for stock nbgrader runs them with your rights.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograders.answers.runner import ROOT
from autograders.tests.conftest import cell

HERE = Path(__file__).parent / "hostile"
HONEST = "m_honest"  # in the middle of the class, in the order of names
MAX = 5.0
RIGHT = {
    "double": "def double(array):\n    return 2 * array",
    "total": "def total(array):\n    return float(array.sum())",
}
WRONG = {
    "double": "def double(array):\n    return array",
    "total": "def total(array):\n    return 0.0",
}
SETTINGS = """
c.Execute.timeout = 3
c.Execute.iopub_timeout = 2
c.Proof.answers = str(root / "answers")
c.SandboxedExecute.notebook_timeout = 30
"""
STOCK = """
c = get_config()
c.CourseDirectory.source_directory = "modules"
c.Execute.timeout = 3
c.Execute.iopub_timeout = 2
"""
_SECTION = re.compile(r"^# %% (\w+)$", re.MULTILINE)


def lab() -> NotebookNode:
    """Return the tiny lab as its instructor keeps it."""
    solution = "    ### BEGIN SOLUTION\n{}\n    ### END SOLUTION"
    cells = [
        cell("# Twice and all", kind="markdown"),
        cell("import numpy as np"),
        cell(
            "def double(array):\n" + solution.format("    return 2 * array"),
            "double",
            solution=True,
        ),
        cell("double(np.ones(2))"),
        cell(
            'assert np.array_equal(double(np.array([1.0, 2.0])), [2.0, 4.0]), "twice each entry"\n'
            "### BEGIN HIDDEN TESTS\n"
            "unguessable = 0.8125\n"
            'assert abs(double(unguessable) - 1.625) < 1e-9, "a number has a double too"\n'
            "### END HIDDEN TESTS",
            "doubles_each_entry",
            points=2,
        ),
        cell("# your notes"),
        cell(
            "def total(array):\n" + solution.format("    return float(array.sum())"),
            "total",
            solution=True,
        ),
        cell(
            'assert total(np.arange(4.0)) == 6.0, "everything counts"\n'
            "### BEGIN HIDDEN TESTS\n"
            "np.testing.assert_allclose(total(np.full(3, 0.8125)), 2.4375)\n"
            "### END HIDDEN TESTS",
            "adds_everything",
            points=3,
        ),
        cell("# more notes"),
    ]
    for number, made in enumerate(cells):
        made["id"] = f"tiny-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


# Where the sections of a hostile file stand.
PLACES = {"start": 1, "double": 2, "scratch": 3, "between": 5, "total": 6, "end": 8}


@dataclass(frozen=True)
class Submission:
    """One student's work: the text of the notebook, files beside it, the points it deserves."""

    name: str
    idea: str
    score: float
    text: str
    files: Mapping[str, str]


def work(answers: Mapping[str, str]) -> NotebookNode:
    """Return the lab as a student hands it in, with these answers."""
    notebook = lab()
    for made in notebook.cells:
        name = made.metadata.get("nbgrader", {}).get("grade_id")
        made.source = re.sub(r"### BEGIN HIDDEN.*?END HIDDEN TESTS", "", made.source, flags=re.S)
        if name in answers:
            made.source = answers[name]
    return notebook


def attacks() -> list[Submission]:
    """Return the submissions in ``hostile/``, by name."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem == "conftest":
            continue
        head, *parts = _SECTION.split(path.read_text(encoding="utf-8"))
        sections = dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
        after = sections.pop("end_of_double", None)
        notebook = work({**WRONG, **sections})
        for place, source in sections.items():
            notebook.cells[PLACES[place]].source = source
        if after:
            notebook.cells[PLACES["double"]].source += f"\n\n\n{after}"
        tree = ast.parse(head)
        score = next(ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign))
        files = {}
        if path.stem == "module_handed_in":
            files["numpy.py"] = (
                "import builtins\nbuiltins.abs = lambda x: 0\nfrom types import SimpleNamespace\n"
                "array = arange = full = ones = lambda *a: a\n"
                "array_equal = lambda *a: True\n"
                "testing = SimpleNamespace(assert_allclose=lambda *a, **k: None)\n"
            )
        idea = ast.get_docstring(tree) or ""
        found.append(Submission(path.stem, idea, score, nbformat.writes(notebook), files))
    return found


Damage = Callable[[NotebookNode], NotebookNode | str]
BROKEN: dict[str, tuple[str, float, Damage]] = {}


def _marks(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def damage(name: str, idea: str, score: float, change: Callable[[NotebookNode], object]) -> None:
    """Register a change that is made in place."""

    def apply(notebook: NotebookNode) -> NotebookNode:
        change(notebook)
        return notebook

    BROKEN[name] = (idea, score, apply)


def text(name: str, idea: str, change: Callable[[str], str], score: float = 0) -> None:
    """Register a change of the file's text."""
    BROKEN[name] = (idea, score, lambda notebook: change(nbformat.writes(notebook)))


text("json_broken_off", "The file breaks off in the middle.", lambda t: t[: len(t) // 2])
text("empty_file", "The file is empty.", lambda t: "")
text("not_json", "The file is a web page.", lambda t: "<html>Log in</html>")
text(
    "format_of_the_future",
    "Its format is nbformat 99.",
    lambda t: t.replace('"nbformat": 4', '"nbformat": 99'),
)
text("no_cells", "It has no list of cells.", lambda t: '{"nbformat": 4, "nbformat_minor": 5}')
text("a_list", "It is JSON, but a list.", lambda t: "[1, 2]")
text("nested_deeply", "It is nested ten thousand levels deep.", lambda t: "[" * 10**4 + "]" * 10**4)
text(
    "outputs_missing",
    "Its cells have no outputs.",
    lambda t: json.dumps(
        {
            **json.loads(t),
            "cells": [
                {k: v for k, v in c.items() if k != "outputs"} for c in json.loads(t)["cells"]
            ],
        }
    ),
    MAX,
)
text(
    "metadata_null",
    "Its cells' metadata are null, so that nbgrader knows none of them.",
    lambda t: json.dumps(
        {**json.loads(t), "cells": [{**c, "metadata": None} for c in json.loads(t)["cells"]]}
    ),
    MAX,
)
damage(
    "check_deleted",
    "A check was deleted.",
    MAX,
    lambda n: n.cells.remove(_marks(n, "adds_everything")),
)
damage(
    "all_checks_deleted",
    "Every check was deleted.",
    MAX,
    lambda n: [n.cells.remove(_marks(n, m)) for m in ("doubles_each_entry", "adds_everything")],
)
damage(
    "check_duplicated",
    "A check was copied, and the copy emptied.",
    MAX,
    lambda n: n.cells.append(
        nbformat.from_dict({**_marks(n, "adds_everything"), "source": "1", "id": "copy"})
    ),
)
damage(
    "check_emptied",
    "A check was unlocked and emptied, over a wrong answer.",
    3,
    lambda n: (
        _marks(n, "double").update(source=WRONG["double"]),
        _marks(n, "doubles_each_entry").update(source="pass"),
        _marks(n, "doubles_each_entry").metadata.nbgrader.update(locked=False),
    ),
)
damage(
    "check_retyped",
    "A check was made prose, over a wrong answer.",
    3,
    lambda n: (
        _marks(n, "double").update(source=WRONG["double"]),
        n.cells.__setitem__(
            4, nbformat.v4.new_markdown_cell("nothing to see", metadata=n.cells[4].metadata)
        ),
    ),
)
damage(
    "check_skipped",
    "A tag keeps a check from running, over a wrong answer.",
    3,
    lambda n: (
        _marks(n, "double").update(source=WRONG["double"]),
        n.cells[4].metadata.update(tags=["skip-execution"]),
    ),
)
damage(
    "check_declared_an_answer",
    "A check is marked as an answer, over a wrong one.",
    3,
    lambda n: (
        _marks(n, "double").update(source=WRONG["double"]),
        n.cells[4].metadata.nbgrader.update(solution=True),
    ),
)
damage(
    "check_not_graded",
    "A check is marked as not graded.",
    MAX,
    lambda n: n.cells[4].metadata.nbgrader.update(grade=False),
)
damage(
    "points_inflated",
    "A check is worth a thousand points.",
    MAX,
    lambda n: n.cells[4].metadata.nbgrader.update(points=1000),
)
damage(
    "points_of_text",
    "A check is worth a word.",
    MAX,
    lambda n: n.cells[4].metadata.nbgrader.update(points="many"),
)
damage(
    "marks_of_the_past",
    "nbgrader's marks have an old schema.",
    MAX,
    lambda n: n.cells[4].metadata.nbgrader.update(schema_version=1),
)
damage(
    "marks_of_the_future",
    "nbgrader's marks have a schema to come.",
    MAX,
    lambda n: n.cells[4].metadata.nbgrader.update(schema_version=99),
)
damage(
    "marks_missing",
    "nbgrader's marks lack most of what they hold.",
    MAX,
    lambda n: n.cells[4].metadata.update(nbgrader={"grade_id": "doubles_each_entry"}),
)
damage(
    "unknown_check",
    "A check of the student's own brings 100 points.",
    MAX,
    lambda n: n.cells.append(cell("pass", "extra", points=100)),
)
damage(
    "other_kernel",
    "It asks for a kernel that is not there.",
    MAX,
    lambda n: n.metadata.update(kernelspec={"name": "julia", "display_name": "J"}),
)
damage(
    "answer_retyped",
    "An answer was made prose.",
    3,
    lambda n: n.cells.__setitem__(
        2, nbformat.v4.new_markdown_cell("I do not know.", metadata=n.cells[2].metadata)
    ),
)
damage("answer_deleted", "An answer was deleted.", 3, lambda n: n.cells.remove(_marks(n, "double")))


def damaged() -> list[Submission]:
    """Return the broken submissions."""
    made = []
    for name, (idea, score, change) in BROKEN.items():
        result = change(work(RIGHT))
        content = result if isinstance(result, str) else json.dumps(result)
        made.append(Submission(name, idea, score, content, {}))
    return made


def honest() -> Submission:
    """Return the honest student's work."""
    return Submission(HONEST, "Is honest.", MAX, nbformat.writes(work(RIGHT)), {})


# The course


def make_course(root: Path, submissions: Iterable[Submission], stock: bool = False) -> None:
    """Lay out a course in an empty folder, with everything handed in."""
    (root / "modules" / "tiny").mkdir(parents=True)
    nbformat.write(lab(), root / "modules" / "tiny" / "01_tiny.ipynb")
    settings = STOCK if stock else (ROOT / "nbgrader_config.py").read_text() + SETTINGS
    (root / "nbgrader_config.py").write_text(settings)
    for name, code in WRONG.items():
        check = {"double": "doubles_each_entry", "total": "adds_everything"}[name]
        path = root / "answers" / "01_tiny" / f"{name}_wrong.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'"""Is wrong."""\n\nCELL = "{name}"\nFAILS = ["{check}"]\n\n# %% answer\n{code}\n'
        )
    for submission in submissions:
        folder = root / "submitted" / submission.name / "tiny"
        folder.mkdir(parents=True)
        (folder / "01_tiny.ipynb").write_text(submission.text)
        for name, content in submission.files.items():
            (folder / name).write_text(content)


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run nbgrader in a course, as a user would."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["nbgrader", *arguments],
        cwd=root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def scores(root: Path) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """Return score and flag of every check, by student."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: (
                    grade.score if grade.auto_score is not None else None,
                    grade.needs_manual_grade,
                )
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions("tiny")
        }


def total(checks: Mapping[str, tuple[float | None, bool]]) -> str:
    """Return what a student got, in words."""
    if not checks or any(score is None for score, _ in checks.values()):
        return "not graded"
    looked = ", flagged" if any(flag for _, flag in checks.values()) else ""
    return f"{sum(score or 0 for score, _ in checks.values()):g}{looked}"


# Under stock nbgrader these, and broken ones, would spoil the grades of the others.
ALONE = {"gradebook_opened", "graded_copy_rewritten", "parent_killed", "neighbour_copied"}


def main() -> None:
    """Print the table, a row for each submission."""
    everybody = [*attacks(), *damaged()]
    alone = [s for s in everybody if s.name in ALONE or s.name in BROKEN]
    rest = [s for s in everybody if s not in alone]
    stock = _outcomes(rest, stock=True)
    for submission in alone:
        stock |= _outcomes([submission], stock=True)
    here = _outcomes(everybody, stock=False)
    print("| submission | deserved | stock nbgrader | here |\n|---|---|---|---|")
    for submission in everybody:
        cells = (f"{submission.score:g}", stock[submission.name], here[submission.name])
        print(f"| {submission.idea} | {' | '.join(cells)} |")


def _outcomes(submissions: Iterable[Submission], stock: bool) -> dict[str, str]:
    """Grade a class with the honest student in it; say in words what became of each."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "course")
        make_course(root, [*submissions, honest()], stock)
        run(root, "generate_assignment", "tiny")
        run(root, "autograde", "tiny")
        run(root, "generate_feedback", "tiny")
        found = scores(root)
        fair = total(found.get(HONEST, {}))
        outcomes = {}
        for submission in submissions:
            said = [total(found.get(submission.name, {}))]
            if fair != f"{MAX:g}":
                said.append(f"the honest student: {fair}")
            pages = (root / "feedback").glob(f"{submission.name}/tiny/*.html")
            if any("0.8125" in page.read_text() for page in pages):
                said.append("hidden tests in the feedback")
            outcomes[submission.name] = "; ".join(said)
        return outcomes


if __name__ == "__main__":
    main()
