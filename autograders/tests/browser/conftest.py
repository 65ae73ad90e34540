"""What every journey needs: a browser, a JupyterLab of its own, a kit, a folder for screenshots.

Journeys are left out of plain runs of pytest, which need neither Playwright nor Chromium: they
are collected with ``-m browser`` only, as ``make browser`` does. Leans on
:mod:`autograders.tests.browser.jupyterlab`.
"""

import re
import shutil
from contextlib import ExitStack

import nbformat
import pytest

from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in
from autograders.course.kit import build

SCREENSHOTS = ROOT / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def pytest_ignore_collect(collection_path, config):
    """Leave journeys alone, unless they are asked for: they import Playwright."""
    return None if config.option.markexpr == "browser" else True


@pytest.fixture(scope="session")
def chromium():
    """The browser that the system has, without a window."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no {' or '.join(BROWSERS)} on PATH; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def screenshots(request):
    """Return a function that says where a test's screenshot of a name goes."""
    folder = SCREENSHOTS / re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return lambda name: folder / f"{name}.png"


@pytest.fixture
def visit(chromium, screenshots):
    """Return a function that opens a window of a browser nobody has used, and its only page.

    Its arguments are those of Playwright's ``new_context``. What was left on the screen at the end
    is kept as ``last.png``; what the browser's console complained of is ``page.complaints``.
    """
    contexts = []

    def open_page(viewport=LAPTOP, **settings):
        context = chromium.new_context(viewport=viewport, **settings)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        return page

    yield open_page
    for number, context in enumerate(contexts):
        for page in context.pages:
            page.screenshot(path=screenshots(f"last_{number}" if number else "last"))
        context.close()


@pytest.fixture
def jupyterlab(tmp_path):
    """Return a function that starts a JupyterLab on a folder, as a user who has no settings yet.

    See :class:`autograders.tests.browser.jupyterlab.Server` for its arguments. All of them end
    with the test.
    """
    from autograders.tests.browser.jupyterlab import Server

    with ExitStack() as servers:

        def start(folder, **settings):
            settings.setdefault("home", tmp_path / "home")
            return servers.enter_context(Server(folder, **settings))

        yield start


@pytest.fixture(scope="session")
def packed_kit(tmp_path_factory):
    return build(ROOT, LABS[0].parent.name, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def kit(packed_kit, tmp_path):
    """A kit as a student has unpacked it: nothing is answered, nothing exported."""
    return shutil.copytree(packed_kit, tmp_path / "kit")


def answer(kit, number, replacing=None):
    """Answer a lab of the kit on disk: the reference everywhere but in the cells of `replacing`."""
    path = kit / "labs" / LABS[number - 1].name
    released = nbformat.read(path, as_version=4)
    nbformat.write(fill_in(released, nbformat.read(LABS[number - 1], 4), replacing), path)


def solution(number, grade_id):
    """Return the reference's answer to one cell, as a student would type it."""
    source = nbformat.read(LABS[number - 1], as_version=4)
    answered = [c for c in fill_in(source, source).cells if "nbgrader" in c.metadata]
    return next(c.source for c in answered if c.metadata.nbgrader.grade_id == grade_id)
