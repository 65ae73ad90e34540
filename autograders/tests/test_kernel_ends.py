"""What a notebook does to its own Python, and to the messages it sends, has one outcome."""

import asyncio
import multiprocessing
import resource

import nbformat
import pytest
from jupyter_core.utils import ensure_event_loop
from nbformat.v4 import new_notebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import determine_grade
from traitlets.config import Config

from autograders.course.answers.apart import grading
from autograders.course.answers.runner import fill_in
from autograders.grading.execute import CLOSED, LOOK, SandboxedExecute
from autograders.grading.notes import NOTES
from autograders.grading.submission import SubmissionExporter
from autograders.tests.conftest import cell, toy_notebook

CHECKS = ("is_a_fraction", "counts_zeros_only", "reports_a_percentage")


@pytest.fixture
def graded(course, one_thread):
    """Return a function that runs a changed lab; it gives which checks pass, looks, the cells."""

    def graded(change, warm=True, own=30):
        notebook = fill_in(toy_notebook(), toy_notebook())
        change(notebook.cells)
        coursedir = CourseDirectory(root=str(course), source_directory="modules")
        exporter = SubmissionExporter(parent=Autograde(coursedir=coursedir))
        executor = SandboxedExecute(
            parent=exporter, least=60, own=own, config=Config({"Sandbox": {"warm": warm}})
        )
        about = {"student": "ada", "assignment": "toy", "notebook": "01_toy"}
        resources = {"metadata": {"path": str(course)}, "nbgrader": about}
        executor.preprocess(notebook, resources)
        passed = {
            made.metadata.nbgrader.grade_id: not any(o.output_type == "error" for o in made.outputs)
            for made in notebook.cells
            if made.metadata.get("nbgrader", {}).get("grade_id") in CHECKS
        }
        return passed, resources["nbgrader"][LOOK], notebook.cells

    return graded


SAID = "Python was told to end here; for grading it goes on.\n"
WAYS = ["exit()", "quit()", "exit", "quit(True)", "exit(); x = 1", "get_ipython().ask_exit()"]


def test_exit_ends_nothing(graded):
    def leave(cells):
        for place, way in zip((9, 8, 7, 6, 3, 1), WAYS, strict=True):
            cells.insert(place, cell(way))

    passed, looks, cells = graded(leave)
    assert passed == dict.fromkeys(CHECKS, True)
    assert not looks
    left = [made for made in cells if made.source in WAYS]
    shown = ["".join(output.text for output in made.outputs) for made in left]  # in pieces, if slow
    assert shown == [SAID] * len(WAYS)


def test_exit_in_a_kernel_that_was_started_ends_nothing(graded):
    passed, looks, _ = graded(lambda cells: cells.insert(3, cell("quit()")), warm=False)
    assert passed == dict.fromkeys(CHECKS, True)
    assert not looks


@pytest.mark.parametrize(("place", "done"), [(6, 2), (10, 3)])
def test_a_python_that_ends_costs_what_comes_after(place, done, graded):
    before = dict.fromkeys(CHECKS, False) | dict.fromkeys(CHECKS[:done], True)
    passed, looks, _ = graded(lambda cells: cells.insert(place, cell("import os; os._exit(0)")))
    assert passed == before
    assert any("Python itself ended" in said for said in looks.values())


FLOOD = """
from ipykernel.comm import Comm
for _ in range(30):  # 600 MB
    Comm(target_name="x", data={"x": "y" * 20_000_000})
"""
MESSAGES = {
    "deep": '{"a": ' + '[' * 5_000 + ']' * 5_000 + '}',
    "no JSON": "{",
    "a list": "[]",
    "surrogates": '{"name": "stdout", "text": "\\ud800"}',
    "not a number": '{"name": "stdout", "text": NaN}',
}  # fmt: skip
FORGED = """
kernel = get_ipython().kernel
session, socket = kernel.session, kernel.iopub_socket
message = session.msg("stream", {"name": "stdout", "text": ""}, kernel.get_parent())
parts = session.serialize(message)
parts[-1] = TEXT
parts[1] = session.sign(parts[2:])
socket.send_multipart([b"stream", *parts])
"""


def grown(connection, graded):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    passed, looks, _ = graded(lambda cells: cells.insert(3, cell(FLOOD)))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    connection.send((passed, looks, (after - before) / 1024))


def test_what_the_kernel_sends_does_not_pile_up_in_the_grader(graded):
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=grown, args=(theirs, graded))
    child.start()
    passed, looks, megabytes = ours.recv()
    child.join()
    assert passed == dict.fromkeys(CHECKS, True)
    assert not looks
    assert megabytes < 250  # a few messages on their way, in the forms that they pass through


TWICE = "def twice(n):\n    return 2 * n"
BROKEN = """
import warnings
def broken():
    raise RuntimeError("it is broken")
warnings.resetwarnings = broken
"""
STRICT = """
import warnings
with warnings.catch_warnings():
    warnings.simplefilter("error")
    assert twice(2) == 4
"""


@pytest.mark.parametrize(("broken", "points"), [("", (1, 1)), (BROKEN, (0, 1))], ids=["", "broken"])
def test_a_python_in_which_nothing_can_be_set_is_not_waited_for(broken, points, tmp_path):
    """A check that sets what is warned of, and one that does not."""

    def lab(answer):
        cells = [cell(answer, "twice", solution=True), cell(STRICT, "strict", points=1)]
        cells += [cell("assert twice(3) == 6", "plain", points=1)]
        return new_notebook(cells=cells)

    (tmp_path / "modules/toy").mkdir(parents=True)
    nbformat.write(lab(TWICE), tmp_path / "modules/toy/01_toy.ipynb")
    work = lab(broken + TWICE)
    about = {"student": "ada", "assignment": "toy", "notebook": "01_toy"}
    with grading(tmp_path, SandboxedExecute={"least": 1000, "own": 1000}) as executor:
        executor.preprocess(work, {"metadata": {"path": str(tmp_path)}, "nbgrader": about})
    assert tuple(determine_grade(made)[0] for made in work.cells[1:]) == points
    told = [output.evalue for made in work.cells for output in made.outputs]
    assert told == ["the other side hung up"] * points.count(0)


BREAKS = """
import threading, time, zmq
kernel = get_ipython().kernel
who = kernel._shell_parent_ident.get()
socket = zmq.Socket.shadow(kernel.shell_stream.socket.underlying)
threading.Timer(0.2, socket.send_multipart, [[*who, bytes(60_000_000)]]).start()
"""


def test_a_kernel_that_breaks_its_connection_is_not_waited_for(graded):
    """The grader closes it at a message that is too long, and nothing can be sent any more."""

    def change(cells):
        cells.insert(3, cell(BREAKS))
        cells.insert(4, cell("time.sleep(1)"))

    passed, looks, _ = graded(change, own=3)
    assert passed == dict.fromkeys(CHECKS, False)
    assert looks == dict.fromkeys(CHECKS, CLOSED.format("Python"))


MUCH = {
    "printed": "print('x' * 50_000_000)",
    "printed in Greek": "print(chr(945) * 50_000_000)",
    "control characters": "print(chr(0) * 50_000_000)",
    "shown": "from IPython.display import HTML, display\ndisplay(HTML('x' * 50_000_000))",
    "a value": "['x' * 50_000_000]",
    "data": "display({'application/json': list(range(8_000_000))}, raw=True)",
    "a widget": "from ipykernel.comm import Comm\n"
    "Comm(target_name='x', data={'x': 'y' * 50_000_000}, buffers=[bytes(50_000_000)])",
    "an error": "raise ValueError('x' * 50_000_000)",
}


@pytest.mark.parametrize("what", MUCH)
def test_what_no_message_can_hold_costs_nothing(what, graded):
    passed, looks, cells = graded(lambda cells: cells.insert(3, cell(MUCH[what])))
    assert passed == dict.fromkeys(CHECKS, True)
    assert not looks
    assert sum(len(str(output)) for output in cells[3].outputs) < 2**20
    if what != "a widget":
        assert "more than 8 megabytes" in cells[3].metadata[NOTES]["note"]


@pytest.mark.parametrize("what", MESSAGES)
def test_a_message_that_cannot_be_read_costs_what_comes_after(what, graded):
    source = FORGED.replace("TEXT", repr(MESSAGES[what].encode()))
    passed, looks, _ = graded(lambda cells: cells.insert(9, cell(source)))
    assert passed["is_a_fraction"]
    assert passed["counts_zeros_only"]
    assert passed["reports_a_percentage"] or looks
    assert not asyncio.all_tasks(ensure_event_loop())  # nothing waits for a kernel that is gone
