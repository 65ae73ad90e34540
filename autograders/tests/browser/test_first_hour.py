"""A student's first hour: from the kit to the second lab, in JupyterLab."""

import pytest
from playwright.sync_api import expect

from autograders.course.misconceptions import collect
from autograders.tests.browser.conftest import answer, solution
from autograders.tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser


def wrong(lab, name):
    return next(a for a in collect(lab) if a.name == name).cells


def test_from_the_kit_to_the_second_lab(kit, jupyterlab, visit, screenshots):
    mistake = wrong("01_sparsity", "percent_for_fraction")
    answer(kit, 1, {cell: f"#| export\n{code}" for cell, code in mistake.items()})
    answer(kit, 2)
    server = jupyterlab(kit, environment={"PYTHONPATH": str(kit)})
    page = visit()
    page.goto(server.address("labs"))
    page.get_by_role("listitem", name="01_sparsity.ipynb").dblclick()
    lab = Notebook(page, "labs/01_sparsity.ipynb")
    page.screenshot(path=screenshots("opened"))

    lab.run_all()
    page.screenshot(path=screenshots("ran"))
    message = "37.5 is a percentage; sparsity is a fraction between 0 and 1"
    assert lab.errors() == {"sparsity_is_a_fraction": f"AssertionError: {message}"}
    dialog, _ = lab.validate()
    expect(dialog).to_contain_text(message)
    page.screenshot(path=screenshots("validated"))
    lab.close_dialog()

    lab.type("measure_sparsity", solution(1, "measure_sparsity"))
    lab.restart(and_run_all=True)
    (unsaved,) = lab.errors().values()
    assert "the measure_sparsity that was run is not the one that is saved" in unsaved
    lab.save()
    lab.run("export")
    assert lab.errors() == {}
    dialog, _ = lab.validate()
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    page.screenshot(path=screenshots("success"))
    lab.close_dialog()
    assert (kit / "tinytorch/optimization/compression/sparsity.py").is_file()

    page.get_by_role("listitem", name="02_magnitude_pruning.ipynb").dblclick()
    second = Notebook(page, "labs/02_magnitude_pruning.ipynb")
    second.run_all()
    assert second.errors() == {}
    assert page.complaints == []
