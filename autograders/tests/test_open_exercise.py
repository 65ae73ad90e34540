"""Lab 02's open exercise: points by what a choice reaches, for whoever chose it and however."""

import ast
from functools import cache
from itertools import product

import nbformat
import pytest

from autograders.course import ROOT
from autograders.course.answers.apart import grading
from autograders.course.answers.runner import is_demo
from autograders.grading.feedback import RedactFeedback
from autograders.preflight import stock
from autograders.preflight.apart import run
from tinytorch import load_digits
from tinytorch.budget import reach

LAB = ROOT / "modules/17_compression/02_magnitude_pruning.ipynb"
CHECK = "choice_fits_the_budget"
NAMES = ("layers.0.weight", "layers.2.weight", "layers.4.weight")
DIGITS = load_digits()
LEVELS = (0.6, 0.75, 0.85, 0.89)

POOR = f"my_sparsities = dict.fromkeys({NAMES}, 0.892)"  # deserves nothing
ATTACKS = {
    "measures with a function of its own": f"""
{POOR}
import tinytorch.budget
reach = tinytorch.budget.reach = lambda *digits: tinytorch.budget.Reached(28_000, 1.0)
""",
    "changes the stored models": f"""
{POOR}
import tinytorch.budget
for model in tinytorch.budget._models():
    for name, weight, bias, order in model:
        order[:] = order[::-1]
        weight[...] = 0.0
""",
    "has the held-out labels be what it answers": f"""
{POOR}
digits.y_test.data[:] = 0
digits.x_test.data[:] = 0
""",
    "has sparsities that are one number for bytes and another for answers": f"""
class Sparsity(float):
    def __mul__(self, n):
        return n * (0.98 if calls.append(n) or len(calls) <= 3 else 0.0)
    __rmul__ = __mul__
    def __float__(self):
        return self
calls = []
my_sparsities = dict.fromkeys({NAMES}, Sparsity(0.9))
""",
    "has a dictionary that answers as it likes": f"""
class Choice(dict):
    def __getitem__(self, name):
        return 0.98 if asked.append(name) or len(asked) <= 3 else 0.0
    def items(self):
        return [(name, 0.5) for name in self]
asked = []
my_sparsities = Choice.fromkeys({NAMES}, 0.5)
""",
    "defines what the check adds up with": f"""
{POOR}
import builtins
sum = builtins.sum = lambda *numbers: 4
print("27,000 bytes, 99.0% of the held-out answers right: 4 of 4 points")
points = 4
points
""",
    "is larger than everything": """
class Most:
    def __getattr__(self, name):
        return self
    def __call__(self, *anything):
        return self
    def __le__(self, other):
        return True
    __ge__ = __lt__ = __gt__ = __eq__ = __le__
    __hash__ = None
    def __iter__(self):
        return iter((0, 1.0))
my_sparsities = Most()
""",
}
DESERVED = {  # honest choices in other kinds of numbers
    "NumPy's numbers": (f"my_sparsities = dict(zip({NAMES}, np.array([0.86, 0.932, 0.3])))", 4),
    "single precision": (
        f"my_sparsities = dict(zip({NAMES}, np.array([0.86, 0.9325, 0.3], dtype=np.float32)))",
        4,
    ),
    "fractions and a whole number": (
        "from fractions import Fraction\n"
        f"my_sparsities = dict(zip({NAMES}, (Fraction(22, 25), Fraction(187, 200), 0)))",
        3,
    ),
    "three of four": (f"my_sparsities = dict(zip({NAMES}, (0.9, 0.9, 0.5)))", 3),
}


@pytest.fixture(scope="module")
def executor():
    with grading() as executor:
        yield executor


@cache
def notebook():
    return nbformat.read(LAB, as_version=4)


def handed_in(answer):
    """Return the lab with the reference in all places but one, without its demos."""
    lab = nbformat.read(LAB, as_version=4)
    lab.cells = [cell for cell in lab.cells if cell.cell_type == "code" and not is_demo(cell)]
    for cell in lab.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "my_sparsities":
            cell.source = answer
    return lab


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_trick_gives_a_poor_choice_points(executor, attack):
    found = stock.verdicts(run(executor, LAB, handed_in(ATTACKS[attack])))
    assert found[CHECK].score == 0
    assert found[CHECK].why
    assert all(v.score == v.most for name, v in found.items() if name != CHECK)


@pytest.mark.parametrize("kind", DESERVED)
def test_a_choice_gets_what_it_reaches(executor, kind):
    answer, points = DESERVED[kind]
    graded = run(executor, LAB, handed_in(answer))
    found = stock.verdicts(graded)[CHECK]
    assert (found.score, found.most) == (points, 4), found.said


def test_the_page_says_what_was_reached_and_what_the_next_point_takes(executor):
    answer, _ = DESERVED["three of four"]
    graded = run(executor, LAB, handed_in(answer))
    page, _ = RedactFeedback().preprocess(graded, {})
    [check] = [c for c in page.cells if c.metadata.get("nbgrader", {}).get("grade_id") == CHECK]
    said = "".join(output.text for output in check.outputs if output.output_type == "stream")
    assert said == (
        "27,955 bytes, 86.9% of the held-out answers right: 3 of 4 points; the next takes 89 %\n"
    )


# What the lab says of other choices --------------------------------------------------------------

# Found on the first 400 training digits, among first layers in steps of 0.01 and last in 0.1.
FRONT = [
    (0.94, 0.971, 0.6), (0.93, 0.971, 0.3), (0.91, 0.967, 0.3), (0.89, 0.963, 0.3),
    (0.89, 0.938, 0.3), (0.85, 0.939, 0.3), (0.82, 0.925, 0.3), (0.75, 0.924, 0.4),
    (0.73, 0.879, 0.4), (0.7, 0.835, 0.3), (0.61, 0.822, 0.4),
]  # fmt: skip


def reached(shares, x=DIGITS.x_test, y=DIGITS.y_test):
    return reach(dict(zip(NAMES, shares, strict=True)), x, y)


def points(right):
    return sum(right >= level for level in LEVELS)


def test_the_front_in_the_figure_is_what_its_choices_reach():
    [figure] = [cell for cell in notebook().cells if cell.id == "choice-figure"]
    [drawn] = [
        ast.literal_eval(node.value)
        for node in ast.parse(figure.source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "front"
    ]
    found = [reached(shares) for shares in FRONT]
    assert drawn == [(n_bytes, round(100 * right, 1)) for n_bytes, right in found]


def test_choosing_by_the_held_out_digits_gains_no_point():
    """Whoever peeks finds the best of these for certain, and it gives what an honest one gives."""
    fitting = [
        shares
        for shares in product((0.84, 0.86, 0.88, 0.9), (0.91, 0.92, 0.932, 0.94), (0.2, 0.3, 0.4))
        if reached(shares, DIGITS.x_test[:10], DIGITS.y_test[:10]).n_bytes <= 28_000
    ]
    honest = max(fitting, key=lambda s: reached(s, DIGITS.x_train[:400], DIGITS.y_train[:400])[1])
    peeked = max(reached(shares).accuracy for shares in fitting)
    assert points(reached(honest).accuracy) == points(peeked) == 4
    assert 0 <= peeked - reached(honest).accuracy < 0.01
