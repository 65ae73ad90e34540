"""What students wrote becomes a page, whatever it does to the renderer."""

import base64
from contextlib import chdir
from time import process_time

import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from nbgrader.apps import GenerateFeedbackApp
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades

from autograders.grading import markdown, settings
from autograders.grading.formgrader import GraderView, harmless_markdown
from autograders.grading.limited import limited
from autograders.grading.markdown import AS_WRITTEN, lay_out
from autograders.tests.conftest import ROOT, cell

PICTURE = "![x](attachment:p.png)"
MANY = 8_000
# Each took seconds, quadratic in its length, or all of the page.
HOSTILE = {
    "a picture that is missing": PICTURE,
    "dashes and a picture": "-" * 20_000 + PICTURE,
    "environments": r"\begin{a}" * MANY,
    "elements": "<div>" * MANY,
    "formatting elements": "<b><i>" * MANY,
    "rows of a table": "|a|b|\n|-|-|\n" + "|a|b|\n" * MANY,
    "columns of a table": "|" * MANY + "\n" + "|-" * MANY + "|\n" + "|a" * MANY,
    "emphasis in emphasis": "*a **b " * MANY + "c** d*" * MANY,
    "emphasis": "***a" * MANY,
    "brackets": "[" * MANY + "a" + "](b)" * MANY,
    "brackets of formulas": r"\\[" * MANY + r"\\(" * MANY,
    "backticks": "".join("`" * n + " " for n in range(200)),
    "fences": "```\n" * MANY,
    "quotes": ">" * MANY + "a",
    "lists": "".join("  " * n + "- a\n" for n in range(200)),
    "definitions": "[a]: b\n" * MANY + "[a]" * MANY,
    "entities": "&#1" * MANY + "&amp" * MANY,
    "comments": "<!--" * MANY,
    "attributes": "<a" + " b=c" * MANY + ">",
    "a line of spaces": "# a" + " " * 20_000 + "b",
    "a lexer": "```html+php\n" + "<?php " * MANY + "\n```",
    "no characters": "\0\x08\x1b\u202e\uffff" * MANY,
}


@pytest.fixture(scope="module")
def exporter(tmp_path_factory):
    """Return the exporter of feedback, which is given the grades."""
    root = tmp_path_factory.mktemp("pages")
    settings.copy(ROOT, root)
    with chdir(root):
        app = GenerateFeedbackApp()
        app.initialize([])
    converter = GenerateFeedback(coursedir=app.coursedir, parent=app)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    for step in converter.preprocessors:
        if step is not GetGrades:
            exporter.register_preprocessor(step)
    return exporter


def page(exporter, *cells):
    """Return the page of some cells, below a check that passed."""
    check = cell("assert share(x) == 0.5", "is_half", points=2)
    check.metadata.nbgrader |= {"score": 2.0}
    grades = {"score": 2.0, "max_score": 2.0, "late_penalty": 0}
    about = {"student": "ada", "assignment": "toy", "notebook": "01_toy", **grades}
    text, resources = exporter.from_notebook_node(
        new_notebook(cells=[check, *cells]), resources={"nbgrader": about}
    )
    assert resources["output_extension"] == ".html"
    assert "01_toy: 2 of 2 points" in text
    assert "is half" in text
    return text


@pytest.mark.parametrize("what", HOSTILE)
def test_any_prose_is_laid_out_or_shown_as_it_was_written(what, monkeypatch):
    monkeypatch.setattr(markdown, "SECONDS", 0.5)

    def work():
        start = process_time()
        made = lay_out(HOSTILE[what], {"a.png": {}}, lambda *about: False)
        return made, process_time() - start

    made, seconds = limited(work, seconds=20)
    assert made.strip() or what == "comments"
    assert seconds < 5
    assert markdown._depth(made) <= markdown.DEEPEST


def test_a_page_says_what_it_could_not_lay_out(exporter, monkeypatch):
    monkeypatch.setattr(markdown, "SECONDS", 0.3)
    prose = [new_markdown_cell(HOSTILE["environments"]), new_markdown_cell("*fine*")]
    made = page(exporter, *prose)
    assert AS_WRITTEN in made
    assert "<em>fine</em>" in made


@pytest.mark.parametrize(
    "attachments", [{}, {"p.png": {}}, {"p.png": {"image/png": ""}}, {"p.png": {"image/x": "é<"}}]
)
def test_a_picture_that_is_not_there_costs_no_page(attachments, exporter):
    made = page(exporter, new_markdown_cell(f"See {PICTURE} here", attachments=attachments))
    assert "See <img" in made
    assert AS_WRITTEN not in made


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
ODD = {
    "a picture cut off": {"image/png": PNG[:-3]},
    "a picture that is none": {"image/png": "<script>"},
    "a large picture": {"image/png": "A" * 2_000_000},
    "a drawing": {"image/svg+xml": "<svg onload='x()'><g>" * 5_000},
    "odd types": {"text/x-new": "x", "application/json": {"a": [1]}, "image/jpeg": ""},
    "formulas": {"text/latex": r"\begin{a}" * MANY, "text/plain": "x"},
    "a page": {"text/html": "<div>" * MANY},
    "Markdown": {"text/markdown": HOSTILE["environments"]},
    "a widget": {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    "nothing": {},
}


@pytest.mark.parametrize("what", ODD)
def test_any_output_makes_a_page(what, exporter):
    shown = [
        new_output("display_data", data=ODD[what]),
        new_output("execute_result", data=ODD[what]),
        new_output("stream", text="\x1b[31m" * 20_000 + "\x1b]0;title\x07 and \x1b[2J"),
        new_output("error", ename="E\x1b[1m", evalue="<b>", traceback=["\x1b[0;3" * 20_000]),
    ]
    made = page(exporter, new_code_cell("show()", outputs=shown))
    assert "<svg" not in made
    assert "onload" not in made


@pytest.mark.parametrize(
    "source", ["(" * 20_000, "f'{" * 5_000, "-" * 50_000 + "1", "a." * 5_000, "!" * 20_000]
)
def test_any_code_makes_a_page(source, exporter):
    figure = new_output("display_data", data={"image/png": PNG})
    made = page(exporter, new_code_cell(source, outputs=[figure]), new_raw_cell(source))
    assert "Figure drawn by the code above" in made


def test_a_page_that_takes_too_much_is_made_with_less(exporter, monkeypatch, caplog):
    def greedy(source, *arguments, **options):
        return "x" * 10**10 if "greedy" in source else source

    monkeypatch.setattr("autograders.grading.feedback.lay_out", greedy)
    made = page(exporter, new_markdown_cell("*greedy*"), new_code_cell("a < b"))
    assert "<pre>*greedy*</pre>" in made
    assert "<pre>a &lt; b</pre>" in made
    assert "ada, toy, 01_toy is made as it was written: it took more than" in caplog.text
    monkeypatch.setattr("autograders.grading.feedback.as_written", greedy)
    made = page(exporter, new_markdown_cell("*greedy*"), new_code_cell("secret"))
    assert "greedy" not in made
    assert "secret" not in made
    assert "The notebook cannot be shown here" in made


def test_what_ends_the_renderer_ends_no_grader(exporter, monkeypatch):
    def crash(*arguments):
        import ctypes

        ctypes.string_at(0)

    monkeypatch.setattr("autograders.grading.feedback.lay_out", crash)
    assert "as it stands" in page(exporter, new_markdown_cell("as it stands"))


def test_the_formgraders_page_is_made_too(exporter, monkeypatch):
    monkeypatch.setattr(markdown, "SECONDS", 0.3)
    prose = [new_markdown_cell(source) for source in (*HOSTILE.values(), "*fine*")]
    code = [new_code_cell("(" * 200_000, outputs=[new_output("stream", text="\x1b[31m" * 9_000)])]
    view = HTMLExporter()
    view.register_preprocessor(GraderView(parent=exporter))
    view.register_filter("markdown2html", harmless_markdown)
    start = process_time()
    made, _ = view.from_notebook_node(new_notebook(cells=[*prose, *code]))
    assert process_time() - start < 20
    assert "<em>fine</em>" in made
    assert AS_WRITTEN in made
    assert "100,000 more characters" in BeautifulSoup(made, "html.parser").text
