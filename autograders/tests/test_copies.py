"""Hidden parts are judged last, in copies made where they stand: whatever else happens there.

One small lab is judged with answers that matter for copies. It has five checks with a hidden
part each, of which the third leans on what the second has bound.
"""

import copy

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograders.course.answers.apart import grading
from autograders.grading.execute import LOOK
from autograders.grading.notes import MET, NOTES, WHY
from autograders.tests.conftest import cell

HIDE = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
DRAW = """
import random
random.seed(3)
assert draw(2) == [3, 9], "two numbers"
""" + HIDE.format('assert draw(3) == [8, 2, 5], "and three more"')
COUNT = """
sizes, extra = [1], 100
assert count([5]) == 1, f"one thing is there, not {count([5])}"
""" + HIDE.format("""
sizes = [1, 2]
unguessable = 37 + extra
def ask(n):
    return count([unguessable] * n)
assert ask(2) == 2, "each counts"
""")
AGAIN = """
sizes = [4]
assert count([1, 2, 3, 4]) == sizes[0], f"four things are there, not {count([1, 2, 3, 4])}"
""" + HIDE.format('assert ask(sizes[0]) == 4, "equal ones count"')
SHOW = """
import numpy as np
shown = np.ones(3)
assert look(shown) == 0, "nothing was shown before"
""" + HIDE.format('assert look(shown) == 1, "it is shown again"')
RIGHT = {
    "draw": "import random\ndef draw(n):\n    return [random.randrange(10) for _ in range(n)]",
    "count": "def count(things):\n    return len(things)",
    "look": """import weakref
seen = []
def look(thing):
    alive = sum(each() is not None for each in seen)
    seen.append(weakref.ref(thing))
    return alive""",
    "end": "pass",
}


def lab(**answers):
    sources = RIGHT | answers
    made = [
        cell(sources["draw"], "draw", solution=True),
        cell(DRAW, "draws", points=1),
        cell(sources["count"], "count", solution=True),
        cell(COUNT, "counts", points=1),
        cell(AGAIN, "counts_again", points=1),
        cell(sources["look"], "look", solution=True),
        cell(SHOW, "shows", points=1),
        cell(SHOW.replace("shown", "another"), "shows_again", points=1),
        cell(sources["end"]),
    ]
    return nbformat.v4.new_notebook(cells=made)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Judge answers; return the points by check, the graded notebook, and what needs a look."""
    root = tmp_path_factory.mktemp("copies")
    (root / "modules/toy").mkdir(parents=True)
    nbformat.write(lab(), root / "modules/toy/01_toy.ipynb")
    with grading(root, Execute={"timeout": 5}) as executor:

        def judge(notebook="01_toy", **answers):
            work = copy.deepcopy(lab(**answers))
            about = {"student": "ada", "assignment": "toy", "notebook": notebook}
            resources = {"metadata": {"path": str(root)}, "nbgrader": about}
            executor.preprocess(work, resources)
            checks = {c.metadata.nbgrader.grade_id: c for c in work.cells if "points" in
                      c.metadata.get("nbgrader", {})}  # fmt: skip
            points = {name: determine_grade(check)[0] for name, check in checks.items()}
            return points, checks, resources["nbgrader"][LOOK]

        yield judge


def why(check):
    return check.metadata[NOTES][WHY]


FULL = {"draws": 1, "counts": 1, "counts_again": 1, "shows": 1, "shows_again": 1}
HONEST = {
    "reference": {},
    "waits_for_its_children": {
        "end": "import os\ntry:\n    print(os.wait())\nexcept ChildProcessError:\n    pass"
    },
    "keeps_threads": {
        "draw": RIGHT["draw"] + "\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(1)\npool.submit(int).result()",
        "count": "def count(things):\n    return pool.submit(len, things).result()",
    },
    "starts_threads_when_asked": {
        "count": "from concurrent.futures import ThreadPoolExecutor\ndef count(things):\n"
        "    with ThreadPoolExecutor(2) as pool:\n        return sum(pool.map(lambda _: 1, things))"
    },
    "starts_processes_when_asked": {
        "count": "import subprocess, sys\ndef count(things):\n"
        "    code = f'print(len({things!r}))'\n"
        "    return int(subprocess.run([sys.executable, '-c', code], capture_output=True).stdout)"
    },
    "logs_and_prints": {
        "count": "import logging, sys\nlogging.basicConfig(level='DEBUG', stream=sys.stdout)\n"
        "out = sys.stdout\ndef count(things):\n    logging.info('%s', things)\n"
        "    print(things, file=out, flush=True)\n    display(things)\n    return len(things)"
    },
    "writes_files": {
        "count": "def count(things):\n    with open('things', 'w') as file:\n"
        "        file.write('x' * len(things))\n    return len(open('things').read())"
    },
    "changes_its_mind_later": {"end": "def count(things):\n    return 0\ndraw = None"},
    "refers_to_an_old_name": {"end": "import os\nos.fork = os._exit = os.waitpid = None"},
    "never_ends_at_the_end": {"end": "while True:\n    pass"},
    "ends_python_at_the_end": {"end": "import os\nos._exit(1)"},
    "takes_too_much_memory_at_the_end": {"end": "import os\nos.kill(os.getpid(), 9)"},
}


@pytest.mark.parametrize("answers", HONEST.values(), ids=HONEST)
def test_right_answers_get_everything(answers, judged):
    points, checks, _ = judged(**answers)
    assert points == FULL, {name: c.metadata.get(NOTES) for name, c in checks.items()}


def test_where_threads_run_there_is_no_copy_and_the_page_says_less(judged):
    _, checks, _ = judged()
    assert not any(NOTES in check.metadata for check in checks.values())
    _, checks, _ = judged(**HONEST["keeps_threads"])
    assert checks["draws"].metadata[NOTES][MET]
    print_it = HONEST["keeps_threads"] | {"count": "def count(things):\n    print(7)\n    return 0"}
    _, checks, _ = judged(**print_it)
    assert why(checks["counts"]) == "one thing is there, not …"
    assert [output.output_type for output in checks["counts"].outputs] == ["error"]


def test_a_large_figure_does_not_keep_a_kernel_from_being_copied(judged):
    large = (
        RIGHT["count"] + "\nprint('x' * 300_000)\ndisplay({'image/png': b'0' * 300_000}, raw=True)"
    )
    _, checks, _ = judged(count=large)
    assert not any(NOTES in check.metadata for check in checks.values())


def test_a_visible_part_says_everything_after_a_hidden_one(judged):
    _, checks, _ = judged(count="def count(things):\n    print('here')\n    return 'none at all'")
    assert why(checks["counts_again"]) == "four things are there, not none at all"
    assert "here" in checks["counts_again"].outputs[0].text


def test_what_an_answer_met_in_a_hidden_part_is_nowhere_else(judged):
    points, checks, _ = judged(
        count="seen = []\ndef count(things):\n    seen.extend(things)\n"
        "    return 4 if len(things) == 4 and 137 not in seen else len(things)",
        end="assert 137 not in seen and len(seen) == 13, seen",
    )
    assert points == FULL


def test_a_hidden_part_that_fails_costs_its_check_and_no_other(judged):
    points, checks, looks = judged(
        draw="import os, random\ndef draw(n):\n    if n == 3:\n        os._exit(0)\n"
        "    return [random.randrange(10) for _ in range(n)]"
    )
    assert points == FULL | {"draws": 0}
    assert why(checks["draws"]) == "the answer ended Python, or the conversation with the check"
    assert not looks


def test_a_loop_in_a_hidden_part_ends_and_costs_its_check_alone(judged):
    points, checks, _ = judged(
        draw="import random\ndef draw(n):\n    while n == 3:\n        pass\n"
        "    return [random.randrange(10) for _ in range(n)]"
    )
    assert points == FULL | {"draws": 0}
    assert "too long" in why(checks["draws"])


def test_the_first_part_that_fails_is_the_one_that_is_told(judged):
    _, checks, _ = judged(draw="import random\ndef draw(n):\n    return [3, 9]")
    assert why(checks["draws"]) == "and three more"


def test_the_end_of_python_is_told_where_it_happened(judged):
    _, _, looks = judged(count="import os\nos._exit(0)")
    assert set(looks) == FULL.keys() - {"draws"}
    assert all("Python itself ended" in look for look in looks.values())


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ("return min(len(things), 1)", "each counts"),
        ("return len(set(things)) if len(things) > 2 else len(things)", "equal ones count"),
    ],
)
def test_a_hidden_part_says_the_sentence_of_the_assertion_that_failed(count, said, judged):
    _, checks, _ = judged(count=f"def count(things):\n    {count}")
    assert said in [check.metadata.get(NOTES, {}).get(WHY) for check in checks.values()]


def test_a_lab_that_is_not_in_the_source_gives_no_points_and_is_flagged(judged):
    points, _, looks = judged(notebook="02_gone")
    assert points == dict.fromkeys(FULL, 0)
    assert looks.keys() == points.keys()
