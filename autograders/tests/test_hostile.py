"""Hostile submissions, graded by plain `nbgrader autograde`, each class with an honest student."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograders.tests.hostile_class import (
    FULL,
    HONEST,
    MAX,
    OBJECTS,
    SECRETS,
    TINY,
    attacks,
    honest,
    make_course,
    run,
    scores,
)

ATTACKS = attacks()
# They end their Python, from a cell or while a check waits for them.
DEAD = ("exits_at_once", "exits_in_a_check", "killed", "segfault")
DEAD += ("exits_with_the_last_check", "exits_in_a_gradient")
# They change their own Python, or hand over objects that lie.
CHANGED = ("asserts_stripped", "builtins_patched", "equal_to_everything", "numpy_patched")
CHANGED += ("stack_inspected", "any_in_a_dictionary", "class_property_says_module")
CHANGED += ("library_patched", "numpy_patched_by_a_right_answer", "own_things_left_on_the_model")


CLASSES = [ATTACKS[number::3] for number in range(3)]  # many of them wait, so side by side


def grade(root, submissions):
    """Grade a class and write its feedback; return what the command printed, and its status."""
    make_course(root, [*submissions, honest()])
    assert run(root, "generate_assignment", "tiny").returncode == 0
    finished = run(root, "autograde", "tiny")
    assert run(root, "generate_feedback", "tiny").returncode == 0
    return finished


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return the courses after grading and feedback, each with what the command printed."""
    folder = tmp_path_factory.mktemp("hostile")
    roots = [folder / f"course_{number}" for number in range(len(CLASSES))]
    with ThreadPoolExecutor(len(CLASSES)) as pool:
        return list(zip(roots, pool.map(grade, roots, CLASSES), strict=True))


@pytest.fixture(scope="module")
def found(graded):
    """Return score and flag of every check, by lab and student."""
    return {
        name: {student: got for root, _ in graded for student, got in scores(root, name).items()}
        for name in FULL
    }


def page_of(graded, attack):
    pages = [root / "feedback" / attack.name / "tiny" / f"{attack.lab}.html" for root, _ in graded]
    return next(page.read_text() for page in pages if page.exists())


def printed(graded):
    return "\n".join(finished.stdout for _, finished in graded)


def named(*names):
    return [attack for attack in ATTACKS if attack.name in names]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_attack_is_worth_more_than_the_same_work_without_it(attack, found):
    checks = found[attack.lab][attack.name]
    assert sum(score for score, _ in checks.values()) == attack.score, attack.idea


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_feedback_tells_nothing_of_a_hidden_part(attack, graded):
    assert "<script>unguessable" not in page_of(graded, attack)
    folders = [root / "feedback" / attack.name for root, _ in graded]
    # What the answers wrote lies there, too.
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        text = path.read_text(errors="replace")
        assert [secret for secret in SECRETS if secret in text] == [], attack.idea


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_page_of_a_lab_is_the_graders(attack, graded):
    pages = [
        page for root, _ in graded for page in root.glob(f"feedback/{attack.name}/tiny/0*.html")
    ]
    assert [page.name for page in pages] == [f"{attack.lab}.html"]
    assert "default-src 'none'" in pages[0].read_text()


def test_each_class_is_graded_to_the_end(graded, found):
    for root, finished in graded:
        assert finished.returncode == 0, finished.stderr[-3000:]
        assert scores(root, TINY)[HONEST] == {
            "doubles_each_entry": (2.0, False),
            "adds_everything": (3.0, False),
        }
        assert scores(root, OBJECTS)[HONEST] == {
            "halves_in_place": (2.0, False),
            "penalises_squares": (2.0, False),
            "finds_the_best_factor": (2.0, False),
            "scales_and_learns": (2.0, False),
            "summarises_each_parameter": (2.0, False),
        }
    assert len(found[TINY]) == len(ATTACKS) + 1
    notebooks = [path for root, _ in graded for path in root.glob("autograded/*/tiny/*.ipynb")]
    assert len(notebooks) == len(ATTACKS) + 2 * len(CLASSES)


@pytest.mark.parametrize("attack", named(*DEAD), ids=lambda attack: attack.name)
def test_who_ends_their_python_is_flagged_and_told_so(attack, graded, found):
    assert any(flag for _, flag in found[attack.lab][attack.name].values())
    assert "Python itself ended" in page_of(graded, attack)
    assert "to look at (marked in the formgrader):" in printed(graded)
    line = rf"^ *{attack.name}, {attack.lab}.*: Python itself ended"
    assert re.search(line, printed(graded), re.MULTILINE)


@pytest.mark.parametrize("attack", named(*CHANGED), ids=lambda attack: attack.name)
def test_what_a_student_changes_in_their_own_python_is_no_fault(attack, graded, found):
    assert not any(flag for _, flag in found[attack.lab][attack.name].values())
    assert f"{attack.name}, {attack.lab}" not in printed(graded)


def test_nothing_outlives_the_kernel(graded):
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert "sleep 20.0625" not in running.stdout


def test_two_hundred_are_enough():
    assert len(ATTACKS) >= 200
    assert len(named(*DEAD, *CHANGED)) == len(DEAD) + len(CHANGED)
    assert {attack.lab for attack in ATTACKS} == set(FULL)
    assert all(attack.score <= FULL[attack.lab] for attack in ATTACKS)
    assert FULL[TINY] == MAX == 5
