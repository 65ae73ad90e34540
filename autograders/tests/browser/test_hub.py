"""A class on JupyterHub: an instructor and two students, one of them dishonest, as system users.

This journey takes root, for a hub starts servers as other users; as an ordinary user
``make browser`` says that it is left out, and CI runs it with sudo.
"""

import os
import re

import pytest
from playwright.sync_api import expect

from autograders.course.answers.runner import LABS
from autograders.tests.browser.classroom import ASSIGNMENT, Classroom, answered
from autograders.tests.browser.jupyterlab import Notebook
from autograders.tests.browser.nbgrader_pages import AssignmentList, Formgrader

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.geteuid() != 0,
        reason="a hub starts servers as other users, which takes root: sudo make browser",
    ),
]
LAB = LABS[0].stem
WORDS = "Zeros are stored like other numbers; see **the table** of bytes."
EVIL = "window.top.document.title = 'taken over'"
SCRIPTS = f"""Nothing follows. <img src=x onerror="{EVIL}"><script>{EVIL}</script>
[more](appendix.html) <a href="javascript:{EVIL}">here</a>"""

HTML = f"<script>{EVIL}</script>"


@pytest.fixture(scope="module")
def classroom():
    with Classroom() as made:
        yield made


def test_a_class_from_release_to_grades(classroom, visit, screenshots):
    anna, ada, grace = pages = [visit(), visit(), visit()]
    for page, person in zip(pages, classroom.people, strict=True):
        classroom.log_in(page, person)
    for page in pages:
        classroom.arrive(page)
    formgrader = Formgrader(anna)
    formgrader.press(ASSIGNMENT, "assign")
    formgrader.press(ASSIGNMENT, "release")
    anna.screenshot(path=screenshots("released"))

    work(classroom.ada, ada, answered(LABS[0], WORDS))
    lab = Notebook(ada, f"{ASSIGNMENT}/{LAB}.ipynb")
    lab.run_all()
    assert lab.errors() == {}
    lab.save()
    exported = classroom.ada.home / "tinytorch/tinytorch/optimization/compression/sparsity.py"
    assert exported.is_file()
    AssignmentList(ada).submit(ASSIGNMENT)
    ada.screenshot(path=screenshots("submitted"))

    shows = f"class Page:\n    def _repr_html_(self):\n        return {HTML!r}\n\n\nPage()"
    work(classroom.grace, grace, answered(LABS[0], SCRIPTS, extra=[shows]))
    page = classroom.grace.home / "tinytorch" / ASSIGNMENT / "appendix.html"
    page.write_text(HTML)
    AssignmentList(grace).submit(ASSIGNMENT)
    tries_to_cheat(classroom)

    said = formgrader.press(ASSIGNMENT, "collect")
    (refused,) = [line for line in said.splitlines() if "Not collected" in line]
    assert classroom.ada.name in refused
    assert f"it belongs to {classroom.grace.name}" in refused
    formgrader.submissions(ASSIGNMENT)
    for student in (classroom.ada, classroom.grace):
        formgrader.press(student.name, "autograde")
        expect(formgrader.status(student.name)).to_have_text("needs manual grading")
    anna.screenshot(path=screenshots("autograded"))

    for student, answer in ((classroom.grace, "Nothing follows."), (classroom.ada, "like other")):
        formgrader.read(student.name, LAB)
        expect(formgrader.frame.get_by_text(answer).first).to_be_visible()
        formgrader.grade("zeros_do_not_save_memory", 1, "Say what a sparse format costs.")
        anna.screenshot(path=screenshots("read"))
        formgrader.assignments()
        formgrader.submissions(ASSIGNMENT)
    formgrader.assignments()
    formgrader.press(ASSIGNMENT, "generate-feedback")
    formgrader.press(ASSIGNMENT, "release-feedback")
    AssignmentList(ada).fetch_feedback(ASSIGNMENT)
    ada.get_by_role("listitem", name=f"{LAB}.html").dblclick()
    feedback = ada.frame_locator("iframe").last.locator("body")
    expect(feedback).to_contain_text("Say what a sparse format costs.")
    ada.screenshot(path=screenshots("feedback"))
    assert [page.title() for page in pages if "taken over" in page.title()] == []


def work(person, page, text):
    """Fetch the lab in the browser, answer it, and open it."""
    AssignmentList(page).fetch(ASSIGNMENT)
    lab = person.home / "tinytorch" / ASSIGNMENT / f"{LAB}.ipynb"
    lab.write_text(text)
    page.goto(f"{page.url.partition('/lab')[0]}/lab/tree/{ASSIGNMENT}/{LAB}.ipynb?reset")


def tries_to_cheat(classroom):
    """Be Grace, and try what a student must not be able to do; root tells her every path."""
    place, inbound = classroom.hub.place, classroom.hub.inbound
    (handed_in,) = inbound.glob(f"{classroom.ada.name}+*")
    lab, ada = handed_in / f"{LAB}.ipynb", classroom.ada.home
    forged = inbound / re.sub(r"\+20\d\d-", "+2099-", handed_in.name)
    attempts = {
        "read the gradebook": f"cat '{classroom.course}/gradebook.db'",
        "read the labs with their solutions": f"ls '{classroom.course}/modules'",
        "look into the course": f"ls '{classroom.course}'",
        "list what was handed in": f"ls '{inbound}'",
        "read what Ada handed in": f"cat '{lab}'",
        "list what Ada handed in": f"ls '{handed_in}'",
        "write over it": f"echo > '{lab}'",
        "add to it": f"touch '{handed_in}/more.py'",
        "remove it": f"rm -rf '{handed_in}'",
        "move it away": f"mv '{handed_in}' '{inbound}/away'",
        "read Ada's work": f"ls '{ada}/tinytorch'",
        "read Ada's secret": f"ls '{ada}/.local/share/jupyter/nbgrader_cache'",
        "read the hub's secrets": f"ls '{place}/hub'",
        "list feedback": f"ls '{inbound.parent}/feedback'",
        "change the exchange": f"mv '{inbound.parent}' '{inbound.parent}-mine'",
        "release in the instructor's name": f"touch '{inbound.parent}/outbound/mine'",
        "change everybody's settings": f"touch '{place}/settings/student/mine'",
        "change everybody's Python": f"touch '{place}/environment/mine'",
        "import the course": f"'{place}/environment/bin/python' -c 'import autograders'",
    }
    done = {what: classroom.grace.run("sh", "-c", how) for what, how in attempts.items()}
    assert [what for what, tried in done.items() if tried.returncode == 0] == []
    assert lab.is_file()
    # This she can do, as everybody can put things there; it must not count.
    mine = classroom.grace.home / "tinytorch" / ASSIGNMENT
    assert classroom.grace.run("cp", "-r", mine, forged).returncode == 0
