"""A student without a mouse: from opening a lab to Validate, by keys alone.

Leans on JupyterLab's own keys, which ``modules/README.md`` names; nothing here clicks.
"""

import pytest
from playwright.sync_api import expect

from autograders.course.answers.runner import LABS
from autograders.tests.browser.classroom import answered
from autograders.tests.browser.conftest import ROOT, solution
from autograders.tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser
EXERCISE, CHECK = "measure_sparsity", "sparsity_is_a_fraction"
WRONG = """#| export
def measure_sparsity(model):
    return 100 * sum((p.data == 0).sum() for p in model.parameters()) / 16
"""


def test_by_keyboard_alone(jupyterlab, visit, tmp_path, screenshots):
    folder = tmp_path / "labs"
    folder.mkdir()
    (folder / LABS[0].name).write_text(answered(LABS[0], "In my own words.", {EXERCISE: WRONG}))
    server = jupyterlab(folder, environment={"PYTHONPATH": str(ROOT)})
    page = visit()
    lab = Notebook.visit(page, server, LABS[0].name)
    keys = page.keyboard

    while CHECK not in lab.errors():
        assert lab.active() != "reflect_on_zeros", "no check has failed"
        keys.press("Shift+Enter")
        lab.wait_until_idle()
    shown = lab.cell(CHECK).locator(".jp-OutputArea")
    expect(shown.get_by_text("AssertionError: 37.5 is a percentage").first).to_be_in_viewport()
    page.screenshot(path=screenshots("told"))

    while lab.active() != EXERCISE:
        keys.press("ArrowUp")
    keys.press("Enter")
    keys.press("ControlOrMeta+a")
    keys.insert_text(solution(1, EXERCISE))
    keys.press("Shift+Enter")
    while lab.active() != CHECK:
        keys.press("ArrowDown")
    keys.press("Shift+Enter")
    lab.wait_until_idle()
    assert lab.errors() == {}

    keys.press("ControlOrMeta+Shift+c")
    keys.type("Restart Kernel and Run All Cells")
    first = page.locator(".lm-CommandPalette-item.lm-mod-active")
    expect(first).to_contain_text("Restart Kernel and Run All Cells…")
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Enter")
    lab.wait_until_idle()
    assert None not in lab.counts()
    dialog, _ = lab.validate()
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    page.screenshot(path=screenshots("validated"))
    keys.press("Escape")
    expect(dialog).to_have_count(0)
