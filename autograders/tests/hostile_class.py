"""A class of hostile and broken submissions around one honest one, and what each should get.

A file in ``hostile/`` is an attack: what stands in the cells of a small lab, beside answers that
are wrong, and the points that the same work deserves without the attack. Plain values cross to the
checks of ``01_tiny``; models, parameters, gradients and callbacks to those of ``02_objects``.
:data:`BROKEN` damages the notebook itself. ``python -m autograders.tests.hostile_class`` prints the
tables of ``autograders/README.md``: each submission graded beside the honest one, by stock nbgrader
and by this course's settings. Payloads are bounded, for stock nbgrader runs them with your rights.
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

from autograders.course import ROOT
from autograders.grading import settings
from autograders.tests.conftest import cell

HERE = Path(__file__).parent / "hostile"
HONEST = "m_honest"  # in the middle of the class, in the order of names
TINY, OBJECTS = "01_tiny", "02_objects"
FULL = {TINY: 5.0, OBJECTS: 10.0}
MAX = FULL[TINY]
# The numbers of hidden parts, as they are and as somebody might spell them.
SECRETS = ("0.8125", "1.625", "2.4375", "0.40625", "3.4375", "35.449", "10.3125", "5218.0")
SECRETS += ("0x1.a", "000000000000ea3f", "MC44MTI1")


@dataclass(frozen=True)
class Exercise:
    """What is asked, with answers that are worth all and nothing, and the check of it."""

    name: str
    right: str
    wrong: str
    check: str
    visible: str
    hidden: str


EXERCISES = (
    Exercise(
        "halve",
        right="""
def halve(model):
    for parameter in model.parameters():
        parameter.data *= 0.5
    return model
""",
        wrong="""
def halve(model):
    return model
""",
        check="halves_in_place",
        visible="""
model = Sequential(Linear(2, 2, bias=False))
weight = model[0].weight
buffer = weight.data
buffer[...] = [[2.0, -4.0], [0.0, 8.0]]
assert halve(model) is model, "the same model comes back"
assert model[0].weight is weight, "the parameter stays the same object"
assert weight.data is buffer, "the array stays the same object"
assert np.array_equal(buffer, [[1.0, -2.0], [0.0, 4.0]]), "every weight is half of what it was"
""",
        hidden="""
first, second = Linear(2, 2), Linear(2, 2)
second.weight = first.weight
nested = Sequential(first, ReLU(), Sequential(second))
unguessable = [first.weight.data, first.bias.data, second.bias.data]
for array in unguessable:
    array[...] = 0.8125
assert halve(nested) is nested, "the same nested model comes back"
assert second.weight is first.weight, "a shared parameter stays shared"
assert first.weight.data is unguessable[0], "a shared parameter keeps its array"
for array in unguessable:
    assert np.all(array == 0.40625), "every weight is halved once, shared ones too"
""",
    ),
    Exercise(
        "penalty",
        right="""
def penalty(x):
    return (x * x).sum()
""",
        wrong="""
def penalty(x):
    return Tensor(0.0)
""",
        check="penalises_squares",
        visible="""
x = Tensor([1.0, -2.0, 3.0], requires_grad=True)
loss = penalty(x)
assert isinstance(loss, Tensor), "a penalty is a tensor"
assert loss.shape == (), "a penalty is one number"
assert loss.item() == 14.0, "the sum of the squares"
loss.backward()
assert np.array_equal(x.grad, [2.0, -4.0, 6.0]), "the gradient is twice the entries"
""",
        hidden="""
unguessable = Parameter(np.full(3, 0.8125, dtype=np.float32))
loss = penalty(unguessable * 3.0 + 1.0)
assert loss.item() == 35.44921875, "of computed entries too"
(0.5 * loss).backward()
assert np.array_equal(unguessable.grad, np.full(3, 10.3125)), "the gradient reaches a parameter"
""",
    ),
    Exercise(
        "best",
        right="""
def best(model, evaluate, factors):
    kept = [(parameter, parameter.data.copy()) for parameter in model.parameters()]
    scores = {}
    try:
        for factor in factors:
            for parameter, values in kept:
                parameter.data[...] = values * factor
            scores[factor] = evaluate(model)
    finally:
        for parameter, values in kept:
            parameter.data[...] = values
    return max(scores, key=scores.get)
""",
        wrong="""
def best(model, evaluate, factors):
    return factors[0]
""",
        check="finds_the_best_factor",
        visible="""
model = Sequential(Linear(1, 1, bias=False))
buffer = model[0].weight.data
buffer[...] = 3.0


def evaluate(candidate):
    return -abs(float(candidate[0].weight.data[0, 0]) - 1.5)


assert best(model, evaluate, [2.0, 0.5, 1.0]) == 0.5, "half the weight is best"
assert model[0].weight.data is buffer, "the array stays the same object"
assert np.array_equal(buffer, [[3.0]]), "the model is what it was"
""",
        hidden="""
buffer[...] = 0.8125
unguessable = []


def breaks(candidate):
    unguessable.append(float(candidate[0].weight.data[0, 0]))
    if len(unguessable) == 2:
        raise ValueError("no data")
    return 0.0


arrived = False
try:
    best(model, breaks, [2.0, 4.0, 8.0])
except ValueError as error:
    arrived = str(error) == "no data"
assert arrived, "an error of the evaluation arrives"
assert unguessable == [1.625, 3.25], "each factor is tried on the model's own weights"
assert np.array_equal(buffer, [[0.8125]]), "the model is what it was after an error"
""",
    ),
    Exercise(
        "scale",
        right="""
class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def forward(self, x):
        return x * self.factor
""",
        wrong="""
class Scale(Module):
    def __init__(self, start):
        self.factor = Parameter([start])

    def forward(self, x):
        return x
""",
        check="scales_and_learns",
        visible="""
scale = Scale(2.0)
assert isinstance(scale, Module), "a layer is a module"
assert [p is scale.factor for p in scale.parameters()] == [True], "its one parameter is the factor"
out = scale(Tensor([1.0, 3.0]))
assert np.array_equal(out.data, [2.0, 6.0]), "every entry times the factor"
out.sum().backward()
assert np.array_equal(scale.factor.grad, [4.0]), "the gradient is the sum of the entries"
""",
        hidden="""
unguessable = Scale(0.8125)
model = Sequential(Linear(1, 1, bias=False), unguessable)
model[0].weight.data[...] = 2.0
optimizer = SGD(model.parameters(), lr=0.25)
out = model(Tensor([[1.0]]))
assert out.item() == 1.625, "in a model too"
out.sum().backward()
optimizer.step()
assert np.array_equal(unguessable.factor.data, [0.3125]), "the factor learns"
assert np.array_equal(model[0].weight.data, [[1.796875]]), "what stands before it learns"
assert model(Tensor([[1.0]])).item() == 0.5615234375, "what was learned is used"
""",
    ),
    Exercise(
        "summary",
        right="""
def summary(model):
    return {
        name: (parameter.shape, int((parameter.data == 0).sum()))
        for name, parameter in model.named_parameters()
    }
""",
        wrong="""
def summary(model):
    return {}
""",
        check="summarises_each_parameter",
        visible="""
model = Sequential(Linear(2, 3), ReLU())
model[0].weight.data[...] = [[0.0, 1.0, 2.0], [0.0, 0.0, 3.0]]
model[0].bias.data[...] = 1.0
expected = {"layers.0.weight": ((2, 3), 3), "layers.0.bias": ((3,), 0)}
assert summary(model) == expected, "shape and zeros of each parameter"
""",
        hidden="""
unguessable = Sequential(Linear(1, 2, bias=False), Sequential(Linear(2, 1)))
for parameter in unguessable.parameters():
    parameter.data[...] = 0.8125
unguessable[0].weight.data[0, 1] = 0.0
expected = {
    "layers.0.weight": ((1, 2), 1),
    "layers.1.layers.0.weight": ((2, 1), 0),
    "layers.1.layers.0.bias": ((1,), 0),
}
assert summary(unguessable) == expected, "of nested models too"
""",
    ),
)
RIGHT = {
    "double": "def double(array):\n    return 2 * array",
    "total": "def total(array):\n    return float(array.sum())",
    **{exercise.name: exercise.right.strip() for exercise in EXERCISES},
}
WRONG = {
    "double": "def double(array):\n    return array",
    "total": "def total(array):\n    return 0.0",
    **{exercise.name: exercise.wrong.strip() for exercise in EXERCISES},
}
SETTINGS = """
c.Execute.timeout = 3
c.Execute.iopub_timeout = 2
c.SandboxedExecute.notebook_timeout = 30
"""
STOCK = """
c = get_config()
c.CourseDirectory.source_directory = "modules"
c.Execute.timeout = 3
c.Execute.iopub_timeout = 2
"""
_SECTION = re.compile(r"^# %% (\w+)$", re.MULTILINE)


def lab(name: str = TINY) -> NotebookNode:
    """Return a lab as its instructor keeps it."""
    cells = _tiny() if name == TINY else _objects()
    for number, made in enumerate(cells):
        made["id"] = f"{name[3:]}-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _tiny() -> list[NotebookNode]:
    solution = "    ### BEGIN SOLUTION\n{}\n    ### END SOLUTION"
    return [
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


def _objects() -> list[NotebookNode]:
    begin, end = "### BEGIN SOLUTION", "### END SOLUTION"
    imports = (
        "import numpy as np\n\n"
        "from tinytorch import SGD, Linear, Module, Parameter, ReLU, Sequential, Tensor\n"
        "from tinytorch import manual_seed\n\nmanual_seed(0)"
    )
    cells = [cell("# Models and gradients", kind="markdown"), cell(imports)]
    for exercise in EXERCISES:
        hidden = f"### BEGIN HIDDEN TESTS\n{exercise.hidden.strip()}\n### END HIDDEN TESTS"
        cells += [
            cell(f"{begin}\n{exercise.right.strip()}\n{end}", exercise.name, solution=True),
            cell(f"# try {exercise.name} here"),
            cell(f"{exercise.visible.strip()}\n{hidden}", exercise.check, points=2),
        ]
    return [*cells, cell("# your notes")]


# Where the sections of a hostile file stand.
PLACES = {"start": 1, "double": 2, "scratch": 3, "between": 5, "total": 6, "end": 8}
PLACES_OF = {TINY: PLACES, OBJECTS: {"start": 1, "scratch": 3, "end": 2 + 3 * len(EXERCISES)}}
for _number, _exercise in enumerate(EXERCISES):
    PLACES_OF[OBJECTS][_exercise.name] = 2 + 3 * _number
    PLACES_OF[OBJECTS][f"scratch_{_exercise.name}"] = 3 + 3 * _number


@dataclass(frozen=True)
class Submission:
    """One student's work: the text of a notebook, files beside it, the points it deserves."""

    name: str
    idea: str
    score: float
    text: str
    files: Mapping[str, str]
    lab: str = TINY


def work(answers: Mapping[str, str], name: str = TINY) -> NotebookNode:
    """Return a lab as a student hands it in, with these answers."""
    notebook = lab(name)
    for made in notebook.cells:
        grade_id = made.metadata.get("nbgrader", {}).get("grade_id")
        made.source = re.sub(r"### BEGIN HIDDEN.*?END HIDDEN TESTS", "", made.source, flags=re.S)
        if grade_id in answers:
            made.source = answers[grade_id]
    return notebook


def attacks() -> list[Submission]:
    """Return the submissions in ``hostile/``, by name."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem == "conftest":
            continue
        head, *parts = _SECTION.split(path.read_text(encoding="utf-8"))
        sections = dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
        tree = ast.parse(head)
        says = {
            ast.unparse(node.targets[0]): ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
        }
        name = says.get("LAB", TINY)
        notebook = work({**WRONG, **sections}, name)
        for place, source in sections.items():
            cells = notebook.cells
            if place.startswith("end_of_"):
                cells[PLACES_OF[name][place.removeprefix("end_of_")]].source += f"\n\n\n{source}"
            else:
                cells[PLACES_OF[name][place]].source = source
        files = {}
        if path.stem == "module_handed_in":
            files["numpy.py"] = (
                "import builtins\nbuiltins.abs = lambda x: 0\nfrom types import SimpleNamespace\n"
                "array = arange = full = ones = lambda *a: a\n"
                "array_equal = lambda *a: True\n"
                "testing = SimpleNamespace(assert_allclose=lambda *a, **k: None)\n"
            )
        if path.stem == "pages_handed_in":
            files = {"01_tiny.html/x": "in the way", "02_objects.html": "<h1>10 of 10 points</h1>"}
        if path.stem == "files_and_folders_exchanged":
            files = {"file": "1", "folder/x": "1"}
        idea = ast.get_docstring(tree) or ""
        text = nbformat.writes(notebook)
        found.append(Submission(path.stem, idea, says["SCORE"], text, files, name))
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


text("json_broken_off", "The file breaks off in the middle.", lambda t: t[: len(t) // 2], 2)
text("empty_file", "The file is empty.", lambda t: "")
text("not_json", "The file is a web page.", lambda t: "<html>Log in</html>")
text(
    "format_of_the_future",
    "Its format is nbformat 99.",
    lambda t: t.replace('"nbformat": 4', '"nbformat": 99'),
    MAX,
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
    """Return the honest student's work, which is both labs."""
    tiny, objects = (nbformat.writes(work(RIGHT, name)) for name in (TINY, OBJECTS))
    return Submission(HONEST, "Is honest.", MAX, tiny, {f"{OBJECTS}.ipynb": objects})


# The course


def make_course(root: Path, submissions: Iterable[Submission], stock: bool = False) -> None:
    """Lay out a course in an empty folder, with everything handed in, and the labs it is for."""
    submissions = list(submissions)
    source = root / "modules" / "tiny"
    source.mkdir(parents=True)
    for name in (TINY, OBJECTS):
        if any(name == one.lab or f"{name}.ipynb" in one.files for one in submissions):
            nbformat.write(lab(name), source / f"{name}.ipynb")
    if stock:
        (root / "nbgrader_config.py").write_text(STOCK)
    else:
        settings.copy(ROOT, root)
        with (root / "nbgrader_config.py").open("a") as more:
            more.write(SETTINGS)
    for submission in submissions:
        folder = root / "submitted" / submission.name / "tiny"
        folder.mkdir(parents=True)
        (folder / f"{submission.lab}.ipynb").write_text(submission.text)
        for name, content in submission.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
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


def scores(root: Path, name: str = TINY) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """Return score and flag of every check of a lab, by student."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: (
                    grade.score if grade.auto_score is not None else None,
                    grade.needs_manual_grade,
                )
                for notebook in submission.notebooks
                for grade in notebook.grades
                if notebook.name == name
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
    """Print a table for each lab, a row for each submission."""
    everybody = [*attacks(), *damaged()]
    alone = [s for s in everybody if s.name in ALONE or s.name in BROKEN]
    rest = [s for s in everybody if s not in alone]
    stock = _outcomes(rest, stock=True)
    for submission in alone:
        stock |= _outcomes([submission], stock=True)
    here = _outcomes(everybody, stock=False)
    for name, points in FULL.items():
        print(f"\n{name}, {points:g} points:\n")
        print("| submission | deserved | stock nbgrader | here |\n|---|---|---|---|")
        for submission in everybody:
            if submission.lab == name:
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
        found = {name: scores(root, name) for name in FULL}
        fair = {name: total(found[name].get(HONEST, {})) for name in FULL}
        unfair = [said for name, said in fair.items() if said != f"{FULL[name]:g}"]
        outcomes = {}
        for submission in submissions:
            said = [total(found[submission.lab].get(submission.name, {}))]
            if unfair:
                said.append(f"the honest student: {', '.join(unfair)}")
            pages = (root / "feedback").glob(f"{submission.name}/tiny/*.html")
            if any(secret in page.read_text() for page in pages for secret in SECRETS):
                said.append("hidden tests in the feedback")
            outcomes[submission.name] = "; ".join(said)
        return outcomes


if __name__ == "__main__":
    main()
