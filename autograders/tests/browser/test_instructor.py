"""An instructor, one assignment: from the formgrader's first button to feedback that is read.

Instructor and student are one user of this system with a JupyterLab each and an exchange between
them; ``test_hub.py`` has a class of several. Another student's work, which is hostile, lies where
``python -m autograders collect`` puts what came as a zip. The course has one lab.
"""

import getpass
import json

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from autograders.course.answers.runner import LABS
from autograders.tests.browser.classroom import ASSIGNMENT, answered, copy_course
from autograders.tests.browser.nbgrader_pages import AssignmentList, Formgrader
from autograders.tests.hostile_class import PLACES, attacks

pytestmark = pytest.mark.browser
ME, MALLORY = getpass.getuser(), "mallory"
LAB, QUESTION = LABS[0].stem, "zeros_do_not_save_memory"
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
MISTAKE = {"layer_sparsity": "def layer_sparsity(model):\n    return {}"}
EVIL = "window.top.document.title = 'taken over'"
HTML = f'<img src=x onerror="{EVIL}"><script>{EVIL}</script> <a href="javascript:{EVIL}">x</a>'


@pytest.fixture
def servers(tmp_path, jupyterlab):
    """Return the instructor's JupyterLab and the student's, with an exchange between them."""
    exchange, settings = tmp_path / "exchange", tmp_path / "settings"
    student = tmp_path / "student"
    for folder in (exchange, student, settings, settings / "labconfig"):
        folder.mkdir()
    (settings / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS))
    exchange.chmod(0o777)
    (settings / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.course_id = 'tinytorch'\n"
        f"c.Exchange.root = {str(exchange)!r}\n"
    )
    course = copy_course(tmp_path / "course")
    return [
        jupyterlab(
            folder,
            home=tmp_path / f"home-{folder.name}",
            environment={"JUPYTER_CONFIG_PATH": str(settings), "PYTHONPATH": str(folder)},
        )
        for folder in (course, student)
    ]


def test_one_assignment(servers, visit, screenshots):
    instructor, student = servers
    anna, ada = visit(), visit()
    anna.goto(instructor.address())
    formgrader = Formgrader(anna)
    formgrader.press(ASSIGNMENT, "assign")
    formgrader.press(ASSIGNMENT, "release")
    anna.screenshot(path=screenshots("released"))

    ada.goto(student.address())
    assignments = AssignmentList(ada)
    assignments.fetch(ASSIGNMENT)
    lab = student.folder / ASSIGNMENT / f"{LAB}.ipynb"
    lab.write_text(answered(LABS[0], "Memory is what is stored.", MISTAKE))
    assignments.submit(ASSIGNMENT)
    ada.screenshot(path=screenshots("submitted"))

    formgrader.press(ASSIGNMENT, "collect")
    hand_in_hostile(instructor.folder)
    formgrader.submissions(ASSIGNMENT)
    formgrader.press(ME, "autograde")
    expect(formgrader.status(ME)).to_have_text("needs manual grading")
    said = formgrader.press(MALLORY, "autograde")
    assert f"Needs a look: {MALLORY}, {LAB}" in said
    expect(formgrader.status(MALLORY)).to_have_text("needs manual grading")
    anna.screenshot(path=screenshots("autograded"))

    formgrader.read(MALLORY, LAB)
    page = formgrader.frame.locator("#notebook-container").first
    why = page.get_by_text("NotRun: Python itself ended in this cell").first
    why.scroll_into_view_if_needed()
    assert why.evaluate("shown => shown.scrollWidth <= shown.clientWidth"), "it is cut off"
    anna.screenshot(path=screenshots("hostile"))
    assert anna.title() != "taken over"
    assert points(instructor.folder, MALLORY) == 5  # the others are right

    formgrader.assignments()
    formgrader.submissions(ASSIGNMENT)
    formgrader.read(ME, LAB)
    expect(page.get_by_text("names what must change for memory")).to_be_visible()  # guide
    ours = page.get_by_text("Only the statement about accuracy was measured")
    expect(ours).to_be_hidden()
    own = page.get_by_text("The lab's own answer")
    own.evaluate("shown => shown.click()")  # a mouse may miss it: nbgrader still moves the page
    expect(ours).to_be_visible()
    formgrader.grade(QUESTION, 1, "Say what a sparse format costs.")
    page.get_by_text("In your own words").scroll_into_view_if_needed()
    anna.screenshot(path=screenshots("graded"))
    formgrader.assignments()
    formgrader.submissions(ASSIGNMENT)
    expect(formgrader.status(ME)).to_have_text("graded")
    formgrader.press(ME, "generate-feedback")
    formgrader.press(ME, "release-feedback")

    assignments.fetch_feedback(ASSIGNMENT)
    ada.get_by_role("listitem", name=f"{LAB}.html").dblclick()
    feedback = ada.frame_locator("iframe").last.locator("body")
    expect(feedback).to_contain_text("Say what a sparse format costs.")
    expect(feedback).to_contain_text("layer_sparsity_names_each_parameter: ")
    expect(feedback).not_to_contain_text("HIDDEN TESTS")
    ada.screenshot(path=screenshots("feedback"))
    unreachable = "Failed to load resource: net::ERR"  # formulas need the network
    assert [said for said in anna.complaints if not said.startswith(unreachable)] == []
    assert ada.complaints == []
    assert points(instructor.folder, ME) == 8  # of 11: the mistake costs 2, the answer in words 1


def hand_in_hostile(course):
    """Hand in wrong answers, a shell without assertions, a search for the gradebook, scripts.

    In the end it kills its Python.
    """
    known = {attack.name: nbformat.reads(attack.text, as_version=4) for attack in attacks()}
    strips, opens = (
        known[name].cells[PLACES["scratch"]].source
        for name in ("asserts_stripped", "gradebook_opened")
    )
    shows = f"class Page:\n    def _repr_html_(self):\n        return {HTML!r}\n\n\nPage()"
    ends = "import os\n\nos._exit(0)"
    answers = {"measure_sparsity": f"{strips}\n\n\ndef measure_sparsity(model):\n    return 2.0"}
    folder = course / "submitted" / MALLORY / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_text(answered(LABS[0], HTML, answers, [opens, shows, ends]))
    (folder / "timestamp.txt").write_text("2026-11-01 12:00:00.000000 UTC\n")


def points(course, student):
    """Return what a student has in the gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return gradebook.find_submission(ASSIGNMENT, student).score
