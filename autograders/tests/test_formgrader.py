"""The formgrader's page of manual grading: nothing that a student wrote runs there.

The page is made as nbgrader's extension makes it, by its template and the repository's settings.
"""

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from autograders.grading import formgrader
from autograders.grading.limited import Overrun
from autograders.tests.conftest import cell

MARK = "evil()"
PROSE = f"""
<script>{MARK}</script> <b onmouseover="{MARK}">bold</b> <img src="x" onerror="{MARK}">
[a](javascript:{MARK}) [b](page.html) [c](/user/grace/files/page.html) [d](//elsewhere/x)
<a href="data:text/html,<script>{MARK}</script>">e</a> [f](https://example.org/paper)
<iframe srcdoc="<script>{MARK}</script>"></iframe> <svg onload="{MARK}"></svg>
<style>body {{ display: none }}</style> <form action="/hub/api"><input name="x"></form>
<div id="why_exact_zero" class="nbgrader_cell">4</div> ![g](../../../hub/logout)
<base href="//elsewhere/"> <object data="page.html"></object> <math></math>

```html
<script>{MARK}</script>
```
"""
DATA = {
    "text/html": f"<script>{MARK}</script>",
    "application/javascript": MARK,
    "image/svg+xml": f"<svg onload='{MARK}'><script>{MARK}</script></svg>",
    "text/markdown": PROSE,
    "text/latex": f"$\\href{{javascript:{MARK}}}{{x}}$",
    "text/plain": f"<script>{MARK}</script>",
    "application/vnd.jupyter.widget-view+json": {"model_id": f"</script><script>{MARK}"},
}
TEXTS = [
    nbformat.v4.new_output("stream", text=f"<script>{MARK}</script>"),
    nbformat.v4.new_output(
        "error", ename=f"<script>{MARK}", evalue="", traceback=[f"<script>{MARK}"]
    ),
]


@pytest.fixture
def page(course, toy_lab):
    """Return a function that shows cells, put around a student's answers, to the grader."""

    def page(*hostile):
        question = cell(
            "Why?\n\n<details><summary>How it is graded</summary>\n\n- 4 points: a reason\n"
            "</details>",
            "why_text",
            kind="markdown",
        )
        toy_lab.cells[-1].source = "As **small** as it gets."
        toy_lab.cells[-1:] = [question, toy_lab.cells[-1], *hostile]
        folder = course / "autograded" / "ada" / "toy"
        folder.mkdir(parents=True)
        nbformat.write(toy_lab, folder / "01_toy.ipynb")
        extension = FormgradeExtension()
        extension.root_dir = str(course)
        extension.initialize([])
        exporter = HTMLExporter(config=extension.config)
        resources = {
            "assignment_id": "toy",
            "notebook_id": "01_toy",
            "submission_id": "1",
            "index": 0,
            "total": 1,
            "base_url": "",
        }
        shown, _ = exporter.from_filename(str(folder / "01_toy.ipynb"), resources=resources)
        return BeautifulSoup(shown, "html.parser")

    return page


def displayed(kind):
    return nbformat.v4.new_output("display_data", data={kind: DATA[kind]})


def test_nothing_that_a_student_wrote_runs_or_leads_to_their_files(page):
    notebook = page(
        cell(PROSE, kind="markdown"),
        cell(PROSE, "an_answer", kind="markdown", solution=True),
        nbformat.v4.new_raw_cell(PROSE),
        cell(f"'</pre><script>{MARK}</script>'"),
        nbformat.v4.new_code_cell("show()", outputs=[*map(displayed, DATA), *TEXTS]),
    ).select_one("#notebook-container")
    assert MARK in notebook.text, "what was written can still be read"
    dangerous = "script iframe svg object embed style link meta base form video audio"
    assert [tag.name for tag in notebook.find_all(dangerous.split())] == []
    active = {
        f"{name}={value}"
        for tag in notebook.find_all(True)
        for name, value in tag.attrs.items()
        if name.startswith("on") or name in ("href", "src", "srcdoc", "action", "formaction")
    }
    assert active == {"href=https://example.org/paper"}
    assert len(notebook.select("#why_exact_zero")) == 1, "the field for points, not the student's"


def test_tables_markdown_and_formulas_are_laid_out_and_harmless(page):
    table = "<table class='score' id='x' onclick='evil()'><tr><th>a</th><td colspan='2'>1</td></tr>"
    shown = {
        "text/html": f"<div>{table}</table><script>evil()</script></div>",
        "text/markdown": "**bold** [file](page.html) [paper](https://example.org) $x^2$",
        "text/latex": "$\\displaystyle y^3$",
    }
    outputs = [
        nbformat.v4.new_output("display_data", data={kind: text, "text/plain": "no"})
        for kind, text in shown.items()
    ]
    macro = "$\\newcommand{\\R}{\\mathbb{R}} \\R$ and $z^4$ <math class='score' href='x'><mi>q</mi>"
    notebook = page(
        cell(macro, kind="markdown"), nbformat.v4.new_code_cell("show()", outputs=outputs)
    ).select_one("#notebook-container")
    (drawn,) = notebook.select(".output_area table")
    assert [tag.name for tag in drawn.find_all(True) if tag.name in ("th", "td")] == ["th", "td"]
    assert drawn.td["colspan"] == "2"
    assert drawn.find_parent(class_="wide")["tabindex"] == "0"
    assert not [tag for tag in drawn.find_all(True) if {"class", "id", "onclick"} & {*tag.attrs}]
    assert notebook.select_one(".output_area strong").text == "bold"
    links = {a.text: a.get("href") for a in notebook.select(".output_area a")}
    assert links == {"file": None, "paper": "https://example.org"}
    assert [math.msup.text for math in notebook.find_all("math") if math.msup] == ["z4", "x2", "y3"]
    assert "newcommand" in notebook.text, "MathJax reads what has macros"
    attributes = {name for math in notebook.find_all("math") for name in math.attrs}
    assert attributes <= {"display"}


def test_outputs_that_take_too_long_to_lay_out_are_shown_as_text(page, monkeypatch):
    def limited(work, seconds):
        raise Overrun("it took too long")

    monkeypatch.setattr(formgrader, "limited", limited)
    table = {"text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "one"}
    outputs = [nbformat.v4.new_output("display_data", data=table)]
    notebook = page(nbformat.v4.new_code_cell("show()", outputs=outputs))
    assert [area.text.strip() for area in notebook.select(".output_area")][-1] == "one"


def test_pictures_of_the_run_and_of_the_prose_are_shown(page):
    answer = cell("![drawn](attachment:a.png)", "drawing", kind="markdown", solution=True)
    answer["attachments"] = {"a.png": {"image/png": "QUJD"}}
    plot = cell("plot()")
    plot["outputs"] = [nbformat.v4.new_output("display_data", data={"image/png": "REVG"})]
    sources = {picture["src"] for picture in page(answer, plot).select("img")}
    assert sources == {"data:image/png;base64,QUJD", "data:image/png;base64,REVG"}


def test_criteria_are_open_and_guide_and_the_labs_own_answer_stand_below_the_students(page):
    notebook = page()
    criteria = next(d for d in notebook.select("details") if "How it is graded" in d.text)
    assert criteria.has_attr("open")
    assert "4 points: a reason" in criteria.text
    guide = next(d for d in notebook.select("details") if "Scoring guide" in d.text)
    assert guide.has_attr("open")
    assert "says that zero is exact" in guide.text
    assert not guide.find_parent("details"), "it is seen without unfolding anything"
    answer = notebook.select_one("#why_exact_zero").find_parent(class_="cell")
    assert "As small as it gets." in answer.text
    below = answer.find_next_sibling(class_="cell")
    assert "Zero is exact; small is not." in below.text
    assert notebook.text.count("Zero is exact") == 1


def test_a_student_cannot_fold_criteria_of_their_own_open(page):
    mine = "<details><summary>How it is graded</summary>mine</details>"
    notebook = page(cell(mine, kind="markdown"))
    mine = next(d for d in notebook.select("details") if "mine" in d.text)
    assert not mine.has_attr("open")


def test_an_answer_to_a_lab_that_is_not_there_any_more_is_shown_all_the_same(page, course):
    (course / "modules" / "toy" / "01_toy.ipynb").unlink()
    assert "As small as it gets." in page().text


def test_formulas_are_shown_without_what_they_could_do(page):
    scripts = [tag["src"] for tag in page().select("script[src]") if "mathjax" in tag["src"]]
    assert [script.partition("?")[2] for script in scripts] == ["config=TeX-AMS_CHTML-full,Safe"]
