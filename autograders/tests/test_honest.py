"""Honest work that looks odd: what students leave in their notebooks costs no points.

The ways are in ``honest/``. Cells that stand beside the answers are in ``scratch/``, ``start.txt``
and ``between.txt``; answers that are right in an odd way in ``double.txt`` and ``total.txt``, and
in ``containers.txt`` and ``values.txt`` for a lab that has containers to fill; whole notebooks in
``notebooks/``. A way begins at ``# %% NAME``; it goes on elsewhere at ``# %% NAME at PLACE``. Many
ways share a notebook, but of answers each has a check of its own.
"""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path

import nbformat
import pytest
from nbgrader.validator import Validator

from autograders.course.answers.runner import fill_in
from autograders.grading.notes import MET, NOTES
from autograders.tests.conftest import cell
from autograders.tests.hostile_class import (
    MAX,
    RIGHT,
    TINY,
    WRONG,
    Submission,
    lab,
    make_course,
    run,
    scores,
)

HONEST = Path(__file__).with_name("honest")
HEAD = re.compile(r"^# %% (\w+)(?: at (\w+))?(?: as (\w+))?$\n?", re.MULTILINE)
WIDE, FILLED = "02_wide", "03_filled"
CHECKS = {"double": "doubles_each_entry", "total": "adds_everything"}
POINTS = {"doubles_each_entry": 2.0, "adds_everything": 3.0, "is_filled": 2.0, "has_values": 3.0}
PATIENT = "\nc.Execute.timeout = 120\nc.SandboxedExecute.notebook_timeout = 600\n"
PATIENT += "c.SandboxedExecute.least = 60\nc.SandboxedExecute.own = 120\n"


@dataclass(frozen=True)
class Piece:
    """One cell of a way, and where it stands."""

    place: str
    kind: str
    source: str


def ways(path, place=None):
    """Return the pieces of each way in a file; without a place, a piece is named for its own."""
    _, *parts = HEAD.split(path.read_text(encoding="utf-8"))
    found = {}
    for name, elsewhere, kind, source in zip(*(iter(parts),) * 4, strict=True):
        piece = Piece(elsewhere or place or name, kind or "code", source.strip("\n"))
        found.setdefault(name, []).append(piece)
    return found


SCRATCH = {path.stem: ways(path, "scratch") for path in sorted(HONEST.glob("scratch/*.txt"))}
SCRATCH["language"] |= {
    "lines_that_end_as_in_windows": [
        Piece("scratch", "code", "%matplotlib inline\r\nif True:\r\n    x = '''a\r\nb'''\r\n")
    ],
    "a_very_long_line": [  # Python 3.12.1 takes 5 GB to find the words of one of 20,000 numbers
        Piece("scratch", "code", f"numbers = [{', '.join(map(str, range(4000)))}]; print(1)")
    ],
}
SCRATCH["names"] = SCRATCH.pop("names")  # last, for what comes after it lacks `len`
START = ways(HONEST / "start.txt", "start")
BETWEEN = ways(HONEST / "between.txt", "between")
CELLS = START | {name: made for kind in SCRATCH.values() for name, made in kind.items()} | BETWEEN
DOUBLE = ways(HONEST / "double.txt", "double")
TOTAL = ways(HONEST / "total.txt", "total")
FILLING = ways(HONEST / "containers.txt", "fill")
VALUES = ways(HONEST / "values.txt", "values")
WHOLE = {
    path.stem: [piece for pieces in ways(path).values() for piece in pieces]
    for path in sorted(HONEST.glob("notebooks/*.txt"))
}


def lacks(package):
    """Return the error of importing a package that may be there; none if it is."""
    return [] if find_spec(package) else ["ModuleNotFoundError"]


# Cells that are expected to end in an error, and in which.
FAIL = {
    "answer_hoped_for": "NameError",
    "answer_of_the_next_exercise_too_early": "NameError",
    "arguments_of_the_command": "SystemExit",
    "asyncio_run_in_a_notebook": "RuntimeError",
    "debug_after_it": "StdinNotImplementedError",
    "debug_again": "StdinNotImplementedError",
    "divided_by_zero": "ZeroDivisionError",
    "download_not_tried": "URLError",
    "error_left": "IndexError",
    "file_missing": "FileNotFoundError",
    "hook_for_own_errors": "Stop",  # nbgrader writes errors down that a kernel does not show
    "indentation_wrong": "IndentationError",
    "input_left": "StdinNotImplementedError",
    "interrupted": "KeyboardInterrupt",
    "lone_surrogate": "UnicodeEncodeError",
    "magic_unknown": "UsageError",
    "name_misspelled": "NameError",
    "own_assert_fails": "AssertionError",
    "own_error_raised": "NotConverged",
    "own_exercise_failed": "AssertionError",
    "python_two_left": "SyntaxError",
    "shapes_do_not_fit": "ValueError",
    "syntax_error_left": "SyntaxError",
    "todo_raised": "NotImplementedError",
}
MISSING = {
    "colab_drive": "google",
    "extension_missing": "line_profiler",
    "imports_that_nobody_needs": "tqdm",
    "pandas_missing": "pandas",
    "seaborn_missing": "seaborn",
    "tensorboard": "tensorboard",
    "tqdm_not_tried": "tqdm",
}
FAIL |= {way: error for way, package in MISSING.items() for error in lacks(package)}
KIND_OF = {"_IncompleteInputError": "SyntaxError"}  # of code without an end, since Python 3.13
# The errors in whole notebooks, in order.
FAIL_IN = {
    "beginner": ["SyntaxError", "NameError", "IndexError", "SyntaxError"],
    "c_programmer": ["SyntaxError"],
    "colab_user": lacks("google"),
    "debugging_student": [
        *("TypeError", "StdinNotImplementedError", "AssertionError"),
        *("AssertionError", "TypeError"),  # %tb shows the last one once more
    ],
    "forgetful_student": [*("NameError",) * 4, "FileNotFoundError"],
    "hacker_of_speed": lacks("line_profiler"),
    "kaggle_user": lacks("pandas"),
    "own_tests": ["AssertionError"],
    "theoretician": ["FloatingPointError"],
    "tinkerer": ["ZeroDivisionError", "ValueError"],  # the second is an unknown magic of theirs
    "vscode_user": ["ModuleNotFoundError"],
}
# Cells that the grader may cut short, and say so.
LOUD = {"ten_megabytes_shown"}
# Cells that rename what so many others use that they are in one notebook less.
GREEDY = {"everything_of_numpy", "pylab"}
# Answers that would be in the way of others in the same notebook.
APART = {"work_of_others_too", "answer_of_the_first_exercise_used"}
SOME, MANY = 30, 6  # ways in a notebook; answers of each of the two kinds in one


# Notebooks


def wide_lab(number):
    """Return a lab with the exercises of the tiny one many times, under numbered names."""
    tiny = lab()
    cells = tiny.cells[:2]
    for n in range(number):
        for made in tiny.cells[2], tiny.cells[4], tiny.cells[6], tiny.cells[7]:
            made = nbformat.from_dict(made)
            made.source = numbered(made.source, n)
            made.metadata.nbgrader["grade_id"] += f"_{n}"
            cells.append(made)
    for n, made in enumerate(cells):
        made["id"] = f"wide-{n}"
    return nbformat.v4.new_notebook(cells=cells, metadata=tiny.metadata)


def numbered(source, n):
    """Return an answer of the tiny lab under the name that it has in the wide one."""
    return re.sub(r"\b(double|total)\b", rf"\1_{n}", source)


def filled_lab():
    """Return a lab in which a locked cell makes containers, and answers are values."""
    cells = [
        cell(
            "import numpy as np\n\nresults, history = {}, []\ntable = np.zeros((2, 2))",
            "given",
        ),
        cell(
            "### BEGIN SOLUTION\n"
            'results["loss"], results["accuracy"] = 0.5, 0.75\n'
            "history += [3, 2, 1]\n"
            "table[:] = [[2, 2], [1, 1]]\n"
            "### END SOLUTION",
            "fill",
            solution=True,
        ),
        cell(
            'assert results == {"loss": 0.5, "accuracy": 0.75}, "two results"\n'
            "### BEGIN HIDDEN TESTS\n"
            'assert history == [3, 2, 1], "backwards"\n'
            'assert np.array_equal(table, [[2, 2], [1, 1]]), "all of the table"\n'
            "### END HIDDEN TESTS",
            "is_filled",
            points=2,
        ),
        cell(
            "### BEGIN SOLUTION\n"
            'count, share, sparse, names = 42, 0.25, True, ["a", "b"]\n'
            "### END SOLUTION",
            "values",
            solution=True,
        ),
        cell(
            'assert count == 42, "count"\nassert sparse, "sparse"\n'
            "### BEGIN HIDDEN TESTS\n"
            'assert share == 0.25, "share"\n'
            'assert list(names) == ["a", "b"], "names"\n'
            "### END HIDDEN TESTS",
            "has_values",
            points=3,
        ),
    ]
    for n, made in enumerate(cells):
        made["id"] = f"filled-{n}"
    return nbformat.v4.new_notebook(cells=cells, metadata=lab().metadata)


def written(notebook, pieces):
    """Write a student's cells into a lab: into an answer, or where a student would insert them."""
    places = {"start": 0, "scratch": 3, "between": 5, "end": len(notebook.cells) - 1}
    after = {n: [] for n in places.values()}
    answers = {}
    for piece in pieces:
        if piece.place in places:
            after[places[piece.place]].append(cell(piece.source, kind=piece.kind))
            after[places[piece.place]][-1].cell_type = piece.kind
        else:
            answers[piece.place] = piece.source
    cells = []
    for n, made in enumerate(notebook.cells):
        name = made.metadata.get("nbgrader", {}).get("grade_id")
        made.source = re.sub(r"### BEGIN HIDDEN.*?END HIDDEN TESTS", "", made.source, flags=re.S)
        made.source = answers.pop(name, made.source)
        cells += [made, *after.get(n, [])]
    assert not answers, answers
    notebook.cells = cells
    return notebook


def right(*names):
    """Return right answers to the tiny lab."""
    return [Piece(name, "code", RIGHT[name]) for name in names]


def groups():
    """Return notebooks of the tiny lab: one with all cells, and some with a few of them each."""
    around = START | BETWEEN
    found = {"around": [piece for pieces in around.values() for piece in pieces]}
    for kind, made in SCRATCH.items():
        for n, name in enumerate(made):
            found.setdefault(f"{kind}_{n // SOME}", []).extend(made[name])
    greedy = [piece for name in GREEDY for piece in START[name]]
    found["everything"] = [p for pieces in found.values() for p in pieces if p not in greedy]
    return {name: pieces + right("double", "total") for name, pieces in found.items()}


def odd_answers():
    """Return notebooks with odd answers by lab, and the notebook and check that each answer has."""
    alone = [
        {n: pieces for n, pieces in kind.items() if len(pieces) > 1 or n in APART}
        for kind in (DOUBLE, TOTAL)
    ]
    shared = [
        {n: pieces[0] for n, pieces in kind.items() if n not in few}
        for kind, few in zip((DOUBLE, TOTAL), alone, strict=True)
    ]
    own = {n for n, pieces in DOUBLE.items() if any(piece.place == "total" for piece in pieces)}
    alone[0] = dict(sorted(alone[0].items(), key=lambda way: way[0] in own))  # no pair for these
    found, where = {TINY: {}, WIDE: {}, FILLED: {}}, {}
    for double, total in zip_longest(*alone):
        student = f"alone_{len(found[TINY])}"
        pieces = [*DOUBLE.get(double, right("double")), *TOTAL.get(total, [])]
        if not any(piece.place == "total" for piece in pieces):
            pieces += right("total")
        found[TINY][student] = pieces
        where |= {way: (TINY, student, CHECKS["double"]) for way in [double] if way}
        where |= {way: (TINY, student, CHECKS["total"]) for way in [total] if way}
    for kind, made in zip(("double", "total"), shared, strict=True):
        for n, (way, piece) in enumerate(made.items()):
            student, n = f"wide_{n // MANY}", n % MANY
            place, source = f"{kind}_{n}", numbered(piece.source, n)
            found[WIDE].setdefault(student, []).append(Piece(place, "code", source))
            where[way] = (WIDE, student, f"{CHECKS[kind]}_{n}")
    for filling, values in zip(FILLING, VALUES, strict=True):
        found[FILLED][filling] = FILLING[filling] + VALUES[values]
        where[filling] = (FILLED, filling, "is_filled")
        where[values] = (FILLED, filling, "has_values")
    return found, where


ODD, WHERE = odd_answers()
GROUPS = groups()
TINIES = {
    **GROUPS,
    **WHOLE,
    **ODD[TINY],
    "mistaken": [Piece("double", "code", WRONG["double"]), *right("total")],
}
LABS = {
    TINY: (lab, TINIES),
    WIDE: (lambda: wide_lab(MANY), ODD[WIDE]),
    FILLED: (filled_lab, ODD[FILLED]),
}
# To Validate, unlike here, an answer that writes to stderr has failed: START.md says so.
NOISY = {
    WHERE[way][:2]
    for way in (
        *("class_of_helpers", "warns", "divides_by_zero_on_the_way", "writes_errors"),
        "warnings_and_settings_changed",
    )
}
VALIDATED = [(name, s) for name, (_, made) in LABS.items() for s in made if (name, s) not in NOISY]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a course in which every notebook was graded, by plain `nbgrader autograde`."""
    root = tmp_path_factory.mktemp("honest") / "course"
    submissions = [
        Submission(student, "", MAX, nbformat.writes(written(make(), pieces)), {}, name)
        for name, (make, notebooks) in LABS.items()
        for student, pieces in notebooks.items()
    ]
    make_course(root, submissions)
    for name, (make, _) in LABS.items():
        nbformat.write(make(), root / "modules" / "tiny" / f"{name}.ipynb")
    with (root / "nbgrader_config.py").open("a") as settings:
        settings.write(PATIENT)
    assert run(root, "generate_assignment", "tiny").returncode == 0
    finished = run(root, "autograde", "tiny")
    assert finished.returncode == 0, finished.stderr[-3000:]
    return root, finished


@pytest.fixture(scope="module")
def points(graded):
    """Return score and flag of every check, by lab and student."""
    return {name: scores(graded[0], name) for name in LABS}


def outcome(root, name, student):
    """Return the graded copy of a notebook."""
    path = root / "autograded" / student / "tiny" / f"{name}.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("student", [*GROUPS, *WHOLE])
def test_odd_cells_cost_no_points_and_raise_no_flag(student, points):
    assert points[TINY][student] == {name: (POINTS[name], False) for name in CHECKS.values()}


@pytest.mark.parametrize("way", WHERE)
def test_an_odd_answer_gets_its_points_and_no_flag(way, points):
    name, student, check = WHERE[way]
    assert points[name][student][check] == (POINTS[re.sub(r"_\d+$", "", check)], False)


def test_a_mistake_still_costs_its_points(points):
    assert points[TINY]["mistaken"] == {
        "doubles_each_entry": (0.0, False),
        "adds_everything": (3.0, False),
    }


def test_there_is_nothing_to_look_at(graded):
    _, finished = graded
    assert "to look at" not in finished.stdout
    assert "Needs a look" not in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("student", [*GROUPS, *WHOLE])
def test_cells_do_while_graded_what_they_do_otherwise(student, graded):
    of_ways = {p.source: name for name, pieces in CELLS.items() for p in pieces}
    failed, expected = [], []
    for made in outcome(graded[0], TINY, student).cells:
        way = of_ways.get(made.source)
        if way in LOUD:
            continue
        errors = [o.ename for o in made.get("outputs", []) if o.output_type == "error"]
        failed += [(way, KIND_OF.get(name, name)) for name in errors]
        expected += [(way, FAIL[way])] if way in FAIL and student in GROUPS else []
    if student in WHOLE:
        failed, expected = [error for _, error in failed], FAIL_IN.get(student, [])
    assert failed == expected


def test_the_grader_says_nothing_about_honest_work(graded):
    of_ways = {p.source: name for name, pieces in CELLS.items() for p in pieces}
    said = [
        (student, made.source, notes)
        for name, (_, notebooks) in LABS.items()
        for student in notebooks
        for made in outcome(graded[0], name, student).cells
        if (notes := made.metadata.get(NOTES, {}).keys() - {MET})
        and of_ways.get(made.source) not in LOUD
    ]
    assert [student for student, _, _ in said] == ["mistaken"]  # who is told why


@pytest.mark.parametrize(("name", "student"), VALIDATED)
def test_validate_agrees_with_the_grade(name, student, graded, points, tmp_path, monkeypatch):
    root, _ = graded
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    make, notebooks = LABS[name]
    released = nbformat.read(root / "release" / "tiny" / f"{name}.ipynb", as_version=4)
    work = written(fill_in(released, make()), notebooks[student])
    nbformat.write(work, tmp_path / f"{name}.ipynb")
    failed = Validator().validate(str(tmp_path / f"{name}.ipynb"))
    full = all(
        score == POINTS[re.sub(r"_\d+$", "", check)]
        for check, (score, _) in points[name][student].items()
    )
    assert (failed == {}) is full


def test_there_are_enough_of_every_kind():
    kinds = [START, BETWEEN, DOUBLE, TOTAL, FILLING, VALUES, WHOLE, *SCRATCH.values()]
    assert len(CELLS) == sum(map(len, [START, BETWEEN, *SCRATCH.values()]))
    assert len(WHERE) == sum(map(len, [DOUBLE, TOTAL, FILLING, VALUES]))
    assert len(WHOLE) >= 15
    assert sum(map(len, kinds)) >= 220
    assert sum(len(notebooks) for _, notebooks in LABS.values()) <= 66
