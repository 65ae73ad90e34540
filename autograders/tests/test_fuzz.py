"""Thousands of notebooks that were changed by chance are read, matched and shown, each of them.

A case is a number: its seed. Nothing is run, so that a case takes hundredths of a second; a page is
made of every tenth. In the tests a few hundred cases are tried, and those in :data:`KEPT`, which
went wrong once; ``python -m autograders.tests.test_fuzz 10000`` tries as many as it is told, and
says what went wrong, and what memory it took.
"""

import copy
import json
import random
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp, GenerateFeedbackApp
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.preprocessors import GetGrades

from autograders.batch import released
from autograders.course import ROOT
from autograders.grading import settings
from autograders.grading.notes import NOTES
from autograders.tests import pretend
from autograders.tests.conftest import toy_notebook
from autograders.tests.test_rendering import HOSTILE

CASES = 100
KEPT = ()
EACH = 10  # cases between two pages
GRADED = {"is_a_fraction", "counts_zeros_only", "reports_a_percentage", "why_exact_zero"}

TEXTS = [
    "", " ", "\n" * 300, "\ud800", "\udfff\ud800", "\0", "\ufeff", "\u202e", "é" * 50, "𝑥",
    "x" * 5_000, "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "*Your answer here.*",
    "</pre><script>", "[a](b)", "def measure(array):\n    return 0", "exit()", "%%bash\nls",
    "!ls", "$" * 99, "<div>" * 99, "`" * 99, "\\begin{a}" * 99, "![x](attachment:p.png)",
    "|" * 99 + "\n" + "|-" * 99, "> " * 200, "# " * 200, "$x^2$", "$$" + "{" * 99 + "$$",
    "<table><tr><td colspan=999 id=x>1</td></tr></table>", "<math><mi href=x>a", "\\frac{a}{b}",
]  # fmt: skip
ODD = [None, True, 0, -1, 3.5, float("nan"), float("inf"), 10**30, [], {}, [None], {"": None}]
KEYS = ["cell_type", "source", "metadata", "outputs", "id", "attachments", "execution_count"]
OUTPUTS = ["stream", "display_data", "execute_result", "error", "pyout", "surprise"]
MIMES = ["text/plain", "text/html", "text/latex", "text/markdown", "image/png", "image/svg+xml"]
MIMES += ["application/json", "x", "a/b"]


def case(seed):
    """Return what somebody handed in: the bytes of a file."""
    chance = random.Random(seed)
    notebook = json.loads(json.dumps(toy_notebook()))
    for _ in range(chance.choice([1, 1, 2, 3, 5, 20])):
        chance.choice(CHANGES)(chance, notebook)
    encoding = chance.choice(["utf-8"] * 6 + ["utf-16", "utf-8-sig", "utf-32", "utf-16-be"])
    text = json.dumps(notebook, ensure_ascii=chance.random() < 0.5)
    content = bytearray(text.encode(encoding, "surrogatepass"))
    if chance.random() < 0.1:
        for _ in range(chance.choice([1, 3, 30])):
            content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.random() < 0.03:
        del content[chance.randrange(len(content)) :]
    return bytes(content)


def odd(chance):
    """Return a value that is not expected, and that nothing else shares."""
    return copy.deepcopy(chance.choice(ODD))


def text(chance):
    """Return a text, or what stands in its place."""
    if chance.random() < 0.1:
        return odd(chance)
    parts = [chance.choice(TEXTS) for _ in range(chance.randrange(1, 4))]
    return parts if chance.random() < 0.2 else "".join(parts)


def nested(chance, depth):
    """Return something nested, mostly not deeply."""
    made = odd(chance)
    for _ in range(depth):
        made = [made] if chance.random() < 0.5 else {"a": made}
    return made


def _cell(chance, notebook):
    cells = notebook.get("cells")
    cells = [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
    return chance.choice(cells) if cells else {}


def _cells(change):
    def apply(chance, notebook):
        if isinstance(notebook.get("cells"), list) and notebook["cells"]:
            change(chance, notebook["cells"])

    return apply


def _output(chance):
    kind = chance.choice(OUTPUTS)
    made = {"output_type": kind, "text": text(chance), "name": chance.choice(["stdout", "x"])}
    made["data"] = {chance.choice(MIMES): text(chance) for _ in range(2)}
    made |= {"ename": text(chance), "evalue": text(chance), "traceback": [text(chance)]}
    return {key: value for key, value in made.items() if chance.random() < 0.9}


def _marks(chance, notebook):
    metadata = _cell(chance, notebook).get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and marks:
        marks[chance.choice([*marks, "points"])] = chance.choice([odd(chance), "measure", 10**6])


CHANGES = [
    lambda c, n: _cell(c, n).update(source=text(c)),
    lambda c, n: _cell(c, n).update({c.choice(KEYS): odd(c)}),
    lambda c, n: _cell(c, n).pop(c.choice(KEYS), None),
    lambda c, n: _cell(c, n).update(metadata={}),
    lambda c, n: _cell(c, n).update(metadata={"nbgrader": odd(c), "tags": text(c)}),
    lambda c, n: _cell(c, n).update(cell_type=c.choice(["code", "markdown", "raw", "CODE", "x"])),
    lambda c, n: _cell(c, n).update(outputs=[_output(c) for _ in range(3)]),
    lambda c, n: _cell(c, n).update(attachments={"p.png": {c.choice(MIMES): text(c)}}),
    lambda c, n: _cell(c, n).update(source=c.choice([*HOSTILE.values()])[:2_000]),
    lambda c, n: _cell(c, n).update(more=nested(c, c.choice([3, 60, 400]))),
    lambda c, n: n.update({c.choice([*n, "x"]): odd(c)}) if c.random() < 0.3 else None,
    lambda c, n: n.update(nbformat=c.choice([1, 2, 3, 5, "4", None])),
    lambda c, n: [cell.update(metadata={}) for cell in n["cells"] if isinstance(cell, dict)]
    if isinstance(n.get("cells"), list) else None,
    lambda c, n: [cell.update(id="a") for cell in n["cells"] if isinstance(cell, dict)]
    if isinstance(n.get("cells"), list) else None,
    _cells(lambda c, cells: c.shuffle(cells)),
    _cells(lambda c, cells: cells.remove(c.choice(cells))),
    _cells(lambda c, cells: cells.append(json.loads(json.dumps(c.choice(cells))))),
    _cells(lambda c, cells: cells.insert(0, {"cell_type": "markdown", "source": text(c)})),
    _cells(lambda c, cells: cells.insert(c.randrange(len(cells)), odd(c))),
    _marks,
]  # fmt: skip


class Machine:
    """Takes submissions through everything but their run."""

    def __init__(self, root):
        (root / "modules/toy").mkdir(parents=True)
        nbformat.write(toy_notebook(), root / "modules/toy/01_toy.ipynb")
        settings.copy(ROOT, root)
        pretend.nbgrader(root, GenerateAssignmentApp, "toy")
        self.path = root / "submitted/ada/toy/01_toy.ipynb"
        self.path.parent.mkdir(parents=True)
        apps = []
        for kind in (AutogradeApp, GenerateFeedbackApp):
            with chdir(root):
                apps.append(kind())
                apps[-1].initialize(["--log-level=CRITICAL"])
        self.about = {"student": "ada", "assignment": "toy", "notebook": "01_toy"}
        self.url = released.address(released.extract(apps[0].coursedir.db_url))
        grading = Autograde(coursedir=apps[0].coursedir, parent=apps[0])
        self.reader = self._exporter(grading, grading.sanitize_preprocessors)
        feedback = GenerateFeedback(coursedir=apps[1].coursedir, parent=apps[1])
        self.pages = self._exporter(feedback, feedback.preprocessors)
        self.pages.seconds = 20

    def _exporter(self, converter, steps):
        exporter = converter.exporter_class(parent=converter, config=converter.config)
        for step in steps:
            if step is not GetGrades:
                exporter.register_preprocessor(step)
        return exporter

    def read(self, seed):
        """Read a case, and make sure that all of its checks are there to be judged."""
        self.path.write_bytes(case(seed))
        about = {**self.about, "db_url": self.url}
        written, _ = self.reader.from_filename(str(self.path), resources={"nbgrader": about})
        written.encode("utf-8")
        notebook = nbformat.reads(written, as_version=4)
        nbformat.validate(notebook)
        marks = [cell.metadata.get("nbgrader") for cell in notebook.cells]
        names = [mark["grade_id"] for mark in marks if mark and mark["grade"]]
        assert sorted(names) == sorted(GRADED), names
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        return notebook

    def page(self, notebook, seed):
        """Make the page of a case, as if some of its checks had failed."""
        for number, cell in enumerate(notebook.cells):
            if marks := cell.metadata.get("nbgrader"):
                marks["score"] = 0
            if cell.cell_type == "code" and (number + seed) % 3 == 0:
                cell.metadata.setdefault(NOTES, {})["why"] = cell.source[:200]
                said = {"ename": "E", "evalue": cell.source[:200], "traceback": [cell.source[:200]]}
                cell.outputs = [nbformat.v4.new_output("error", **said)]
        about = {**self.about, "score": 0, "max_score": 10, "late_penalty": 0}
        page, _ = self.pages.from_notebook_node(notebook, resources={"nbgrader": about})
        assert "01_toy: 0 of 10 points" in page
        assert "<script" not in page
        return page


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("fuzz") / "course")


def test_changed_notebooks_are_read_and_shown(machine):
    wrong = {}
    for seed in (*KEPT, *range(CASES)):
        try:
            notebook = machine.read(seed)
            if seed in KEPT or seed % (2 * EACH) == 0:
                machine.page(notebook, seed)
        except Exception as error:
            wrong[seed] = f"{type(error).__name__}: {str(error)[:200]}"
    assert not wrong


def test_plain_nbgrader_grades_them_all_and_makes_a_page_of_each(course, nbgrader):
    (course / "modules/toy/02_toy.ipynb").unlink()
    nbgrader("generate_assignment", "toy")
    students = [f"s{seed}" for seed in range(4)]
    for seed, student in enumerate(students):
        path = course / "submitted" / student / "toy" / "01_toy.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(case(seed))
    nbgrader("autograde", "toy")
    nbgrader("generate_feedback", "toy")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for one in gradebook.assignment_submissions("toy"):
            graded = {g.name: g for notebook in one.notebooks for g in notebook.grades}
            assert {*graded} == GRADED
            for grade in graded.values():
                assert grade.auto_score is not None or grade.needs_manual_grade
    pages = {path.parts[-3] for path in course.glob("feedback/*/toy/01_toy.html")}
    assert pages == {*students}


def main(cases, first=0):
    """Try cases, and print the seeds of those that go wrong, and the memory that it took."""
    wrong, unread, memory = 0, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder, "course"))
        for number, seed in enumerate(range(first, first + cases)):
            try:
                notebook = machine.read(seed)
                unread += bool(machine.reader.unreadable)
                machine.reader.unreadable.clear()
                if seed % EACH == 0:
                    machine.page(notebook, seed)
            except Exception as error:
                wrong += 1
                print(f"{seed}: {type(error).__name__}: {str(error)[:300]!r}", flush=True)
            if number % max(1, cases // 10) == cases // 10 - 1:
                memory[number + 1] = psutil.Process().memory_info().rss / 2**20
                print(f"{number + 1} cases, {memory[number + 1]:.0f} MB", flush=True)
    print(f"{cases} cases: {wrong} went wrong, {unread} could not be read and were said to be so")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
