"""Feedback and the class report, as students and instructors open them on a laptop or a phone.

Both are made by the commands that make them for a class, from one real lab: of an honest student
with a mistake, and of one who would like to run scripts in the reader's browser.
"""

import shutil
import subprocess
import sys

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from rich.console import Console

from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in
from autograders.course.misconceptions import collect
from autograders.grading import settings
from autograders.report import page
from autograders.tests.browser.conftest import LAPTOP, PHONE
from autograders.tests.browser.jupyterlab import user_environment

pytestmark = pytest.mark.browser

LAB = LABS[0]
ASSIGNMENT = LAB.parent.name
# Each would set `hacked` if it ran, in whatever part of a page it stood.
ATTACKS = (
    "<script>window.hacked = 'script'</script>",
    "<img src=x onerror=\"window.hacked = 'onerror'\">",
    "<svg onload=\"window.hacked = 'svg'\"><script>window.hacked = 'svg'</script></svg>",
    "<iframe srcdoc=\"<script>parent.hacked = 'iframe'</script>\"></iframe>",
    "<iframe src=\"javascript:parent.hacked = 'frame address'\"></iframe>",
    "<a id=lure href=\"javascript:window.hacked = 'link'\">details</a>",
    "<details open ontoggle=\"window.hacked = 'toggle'\">x</details>",
    "<style onload=\"window.hacked = 'style'\"></style><base href='https://example.org/'>",
    "</pre></div></script><script>window.hacked = 'closed'</script>",
    "[link](javascript:window.hacked='markdown') ![x](x\"onerror=\"window.hacked='image')",
    "$\\href{javascript:window.hacked='tex'}{x}$",
    "<form action=\"javascript:window.hacked='form'\"><input autofocus onfocus='hacked = 1'>",
    "<math href=\"javascript:window.hacked='math'\"><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=window.hacked=1&gt;'></math>",
)
TABLE = "<table class=nbgrader_cell><tr><td id=top onclick='hacked = 1'>{}</table>"
# What an honest notebook shows, each of it wider than a phone.
SHOWS = (
    "import pandas as pd\n"
    "from IPython.display import Markdown, Math, display\n\n"
    "display(pd.DataFrame({f'layer {n}': [n / 7, n / 9] for n in range(12)}))\n"
    "terms = '+'.join(f'w_{{{n}}} x_{{{n}}}' for n in range(40))\n"
    "display(Math(rf'\\left( {terms} \\right)^2'))\n"
    "display(Markdown('| loss | norm $\\\\ell^2$ |\\n|-|-|\\n| **0.5** | `0.25` |'))"
)
FORMULAS = (
    "Let $" + "+".join(f"w_{{{n}}} x_{{{n}}}" for n in range(40)) + "$ be, with $\\hat y$ and\n\n"
    "$$\\begin{aligned} L &= \\sum_{i=1}^n (y_i - \\hat y_i)^2 \\\\ &= \\lVert y - "
    + "+".join(f"X_{{{n}}} w_{{{n}}}" for n in range(40))
    + " \\rVert^2 \\end{aligned}$$"
)
NAME = "m.o'hara"  # names with markup are refused where they enter


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course's folder after grading, with feedback and the report."""
    root = tmp_path_factory.mktemp("course")
    settings.copy(ROOT, root)
    (root / "modules" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(LAB, root / "modules" / ASSIGNMENT)

    def run(*command):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=root, env=user_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    run("nbgrader", "generate_assignment", ASSIGNMENT)
    released = nbformat.read(root / f"release/{ASSIGNMENT}/{LAB.name}", as_version=4)
    source = nbformat.read(LAB, as_version=4)
    mistake = next(a for a in collect(LAB.stem) if a.name == "percent_for_fraction")
    hand_in(root, "ada", show(fill_in(released, source, mistake.cells)))
    hand_in(root, NAME, attack(fill_in(released, source)))
    run("nbgrader", "autograde", ASSIGNMENT)
    run("nbgrader", "generate_feedback", ASSIGNMENT)
    assert page.main(root=root, console=Console(quiet=True)) == 0
    return root


def hand_in(root, student, notebook):
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / LAB.name)


def show(notebook):
    """Put in cells that show tables and formulas."""
    shows = [nbformat.v4.new_markdown_cell(FORMULAS), nbformat.v4.new_code_cell(SHOWS)]
    notebook.cells[1:1] = shows
    return notebook


def attack(notebook):
    """Put every attack where a notebook has a place for it."""
    html = "\n\n".join(ATTACKS)
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    cells["zeros_do_not_save_memory"].source = html
    shows = nbformat.v4.new_code_cell(
        "from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display\n"
        f"html = {html!r}\ntable = {TABLE.format(html)!r}\n"
        "display(HTML(html), HTML(table), Markdown(html), Latex(html))\n"
        "display(Javascript('window.hacked = 1'))\nprint(html)\n"
        "raise ValueError(html)"
    )
    shows.outputs = [
        nbformat.v4.new_output("display_data", data={kind: html})
        for kind in ("text/html", "image/svg+xml", "application/javascript", "text/markdown",
                     "text/latex", "image/png", "text/plain")
    ]  # fmt: skip
    shows.outputs.append(nbformat.v4.new_output("error", ename=html, evalue=html, traceback=[html]))
    notebook.cells[1:1] = [nbformat.v4.new_markdown_cell(html), nbformat.v4.new_raw_cell(html)]
    notebook.cells.append(shows)
    return notebook


@pytest.fixture(params=["laptop", "phone"])
def look(request, graded, visit, screenshots):
    """Return a function that opens a page of the course, looks at it, and returns it."""

    def look(path):
        opened = visit(LAPTOP if request.param == "laptop" else PHONE)
        fetched = []
        opened.on("request", lambda request: fetched.append(request.url))
        opened.goto((graded / path).as_uri())
        opened.screenshot(path=screenshots("whole"), full_page=True)
        assert [url for url in fetched if not url.startswith("data:")] == fetched[:1]
        assert opened.complaints == []
        width = opened.evaluate("document.documentElement.scrollWidth")
        assert width <= opened.viewport_size["width"]
        found = Axe().run(opened).response["violations"]
        assert [(f["id"], [node["html"] for node in f["nodes"]]) for f in found] == []
        return opened

    return look


def test_feedback_is_read_on_any_screen(look):
    feedback = look(f"feedback/ada/{ASSIGNMENT}/{LAB.stem}.html")
    link = feedback.get_by_role("link", name="sparsity is a fraction")
    link.focus()
    feedback.keyboard.press("Enter")
    expect(feedback.get_by_text("sparsity_is_a_fraction: 37.5 is a percentage")).to_be_in_viewport()
    figure = feedback.get_by_role("img", name="More than half of the weights can be zero unnoticed")
    expect(figure).to_be_visible()


def test_tables_and_formulas_are_laid_out_and_scroll_by_themselves(look):
    feedback = look(f"feedback/ada/{ASSIGNMENT}/{LAB.stem}.html")
    table = feedback.get_by_role("table").filter(has_text="layer 11")
    last = table.get_by_role("cell").last
    frame = feedback.locator(".wide").filter(has=table)
    frame.focus()
    expect(frame).to_be_in_viewport()
    expect(last).not_to_be_in_viewport()
    frame.evaluate("frame => frame.scrollTo(9_999, 0)")
    expect(last).to_be_in_viewport()
    formulas = feedback.locator("math")
    assert [line.bounding_box()["height"] < 200 for line in formulas.all()] == [True] * 5
    square = feedback.locator("math msup:has(> mrow)")
    base, power = (square.locator(f"> {part}").bounding_box() for part in ("mrow", "mn"))
    assert power["y"] < base["y"] + base["height"] / 2


def test_nothing_in_feedback_runs(look):
    feedback = look(f"feedback/{NAME}/{ASSIGNMENT}/{LAB.stem}.html")
    expect(feedback.get_by_text("window.hacked = 'script'").first).to_be_visible()
    for link in feedback.get_by_role("link").all():
        assert (link.get_attribute("href") or "#").startswith("#")
    assert feedback.evaluate("window.hacked") is None


def test_the_report_is_sorted_by_mouse_and_by_keys(look):
    report = look(f"report/{ASSIGNMENT}.html")
    assert report.evaluate("window.hacked") is None
    heat = report.get_by_role("region", name="Heat map of students by checks")
    names = heat.locator("tbody .name")
    heat.get_by_role("button", name="points").click()
    expect(names).to_have_text([NAME, "ada"])
    expect(heat.locator("th[aria-sort=descending]")).to_have_text("points")
    student = heat.get_by_role("button", name="student")
    student.focus()
    report.keyboard.press("Enter")
    expect(heat.locator("th[aria-sort=ascending]")).to_have_text("student")
    expect(names).to_have_text(["ada", NAME])
    report.keyboard.press("Space")
    expect(heat.locator("th[aria-sort=descending]")).to_have_text("student")
    expect(names).to_have_text([NAME, "ada"])
