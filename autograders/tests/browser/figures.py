"""How long a student waits: ``python -m autograders.tests.browser.figures``.

Starts JupyterLab on each assignment's kit with every lab answered, opens each lab in Chromium,
presses *Validate*, and prints seconds and sizes. Machines differ, so nothing is asserted: the goals
are 15 seconds for Validate and a million bytes for a lab with its outputs.
"""

import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from autograders.course import ROOT
from autograders.course.answers.runner import LABS
from autograders.course.kit import build
from autograders.tests.browser.conftest import BROWSERS, LAPTOP, QUIET, answer
from autograders.tests.browser.jupyterlab import Notebook, Server
from tinytorch.assignment import names


def main():
    """Print a line for each lab, after the time it takes until the first can be used."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    for assignment in names(ROOT):
        _measure(path, assignment)


def _measure(path, assignment):
    labs = [lab for lab in LABS if lab.parent.name == assignment]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        kit = build(ROOT, assignment, Path(folder, "dist"))
        for lab in labs:
            answer(kit, LABS.index(lab) + 1)
        shutil.copytree(  # what the labs before each lab have exported
            ROOT / "tinytorch/optimization/compression",
            kit / "tinytorch/optimization/compression",
            dirs_exist_ok=True,
        )
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        page = browser.new_page(viewport=LAPTOP)
        began = time.monotonic()
        with Server(kit, Path(folder, "home"), environment={"PYTHONPATH": str(kit)}) as server:
            for number, lab in enumerate(labs):
                notebook = Notebook.visit(page, server, f"labs/{lab.name}")
                if not number:
                    print(f"from starting JupyterLab to a lab with a kernel: {_since(began)} s")
                dialog, seconds = notebook.validate()
                passed = "Success!" in dialog.inner_text()
                notebook.close_dialog()
                kilobytes = lab.stat().st_size / 1000
                print(f"{lab.stem:24} {seconds:5.1f} s  {kilobytes:4.0f} kB", end="  ")
                print("passes" if passed else "FAILS", flush=True)
        browser.close()


def _since(began):
    return f"{time.monotonic() - began:.1f}"


if __name__ == "__main__":
    main()
