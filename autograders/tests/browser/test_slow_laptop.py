"""A student whose laptop is closed, whose kernel dies, and who runs cells as they come.

Nothing that was typed is lost, and no check passes that says nothing: what looks like a pass and
is stale is shown as such by JupyterLab, and *Validate* finds it.
"""

import re
import shutil

import pytest
from playwright.sync_api import expect

from autograders.tests.browser.conftest import answer
from autograders.tests.browser.jupyterlab import Notebook, Server

pytestmark = pytest.mark.browser

CHECK = "sparsity_is_a_fraction"
WRONG = """#| export
def measure_sparsity(model):
    return 100 * sum((p.data == 0).sum() for p in model.parameters()) / 16
"""


@pytest.fixture(scope="module")
def server(packed_kit, tmp_path_factory):
    """JupyterLab on a kit in which lab 01 is answered, but neither run nor exported."""
    home = tmp_path_factory.mktemp("home")
    kit = shutil.copytree(packed_kit, home / "kit")
    answer(kit, 1)
    with Server(kit, home, environment={"PYTHONPATH": str(kit)}) as server:
        yield server


@pytest.fixture
def lab(server, visit, request):
    """Lab 01 in a folder of the test's own, and so with a kernel of its own."""
    folder = server.folder / request.node.name
    folder.mkdir()
    shutil.copy(server.folder / "labs/01_sparsity.ipynb", folder)
    return Notebook.visit(visit(), server, f"{folder.name}/01_sparsity.ipynb")


def test_a_check_in_a_fresh_kernel_says_that_cells_are_missing(lab, screenshots):
    lab.run(CHECK)  # out of order: nothing above it was run
    assert lab.errors() == {CHECK: "NameError: name 'Linear' is not defined"}
    lab.run_through("setup")
    lab.run("measure_sparsity")
    lab.run(CHECK)
    assert lab.errors() == {}
    lab.restart()
    cell = lab.run(CHECK)
    assert lab.errors() == {CHECK: "NameError: name 'Linear' is not defined"}
    expect(cell.get_by_text("NameError").first).to_be_in_viewport()
    lab.page.screenshot(path=screenshots("restarted"))


def test_a_stale_pass_is_seen_and_not_handed_on(lab, screenshots):
    lab.run_through("setup")
    lab.run("measure_sparsity")
    lab.run(CHECK)
    lab.type("measure_sparsity", WRONG)
    lab.run(CHECK)
    assert lab.errors() == {}  # the function that was run is still the right one
    expect(lab.cell("measure_sparsity")).to_have_class(re.compile("jp-mod-dirty"))
    lab.page.screenshot(path=screenshots("stale"))
    lab.save()
    dialog, _ = lab.validate()
    expect(dialog).to_contain_text("37.5 is a percentage")
    lab.close_dialog()


def test_what_was_typed_survives_closing(lab, server, visit):
    page = lab.page
    lab.run_through("setup")
    lab.run("measure_sparsity")
    counts = lab.counts()
    lab.type("my-guess", "my_guess = 0.9")

    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)  # the browser asks before it drops what was not saved
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    assert lab.source("my-guess") == "my_guess = 0.9"

    page.locator(".lm-TabBar-tab.lm-mod-current .lm-TabBar-tabCloseIcon").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    again = Notebook.visit(visit(), server, lab.path)
    assert again.source("my-guess") == "my_guess = 0.9"
    assert again.counts() == counts
    again.run(CHECK)  # in the kernel that was there before
    assert again.errors() == {}


def test_a_lab_says_which_lab_comes_first(server, visit, screenshots):
    second = Notebook.visit(visit(), server, "labs/02_magnitude_pruning.ipynb")
    cell = second.run_through("setup")
    message = "is not there yet: finish lab 01_sparsity.ipynb"
    expect(cell.get_by_text(message).first).to_be_in_viewport()
    second.page.screenshot(path=screenshots("told"))
