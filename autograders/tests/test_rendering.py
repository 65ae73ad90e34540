"""What students wrote becomes a page, whatever it does to the renderer."""

import base64
import re
from contextlib import chdir
from itertools import count
from time import process_time

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from nbgrader.apps import GenerateFeedbackApp
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades

from autograders.grading import formulas, markdown, settings, tables
from autograders.grading.formgrader import GraderView, harmless_markdown
from autograders.grading.formulas import mathml
from autograders.grading.limited import limited
from autograders.grading.markdown import AS_WRITTEN, lay_out
from autograders.grading.notes import NOTES
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


# Formulas


def of(*cells, exporter):
    """Return what a browser finds of some cells in their page."""
    return BeautifulSoup(page(exporter, *cells), "html.parser").main


@pytest.mark.parametrize(
    ("written", "display"),
    [
        ("$x^2$", "inline"),
        (r"\\(x^2\\)", "inline"),
        ("> - $x^2$", "inline"),
        ("# $x^2$", "inline"),
        ("$$x^2$$", "block"),
        (r"\\[x^2\\]", "block"),
        ("$$\nx^2\n$$", "block"),
        (r"\begin{equation} x^2 \label{square} \end{equation}", "block"),
        (r"\begin{align*} x^2 \end{align*}", "block"),
    ],
)
def test_formulas_of_prose_are_mathml(written, display, exporter):
    shown = of(new_markdown_cell(f"Let\n\n{written}\n\nbe."), exporter=exporter)
    [formula] = shown.find_all("math")
    assert formula["display"] == display
    assert [(part.name, part.text) for part in formula.msup] == [("mi", "x"), ("mn", "2")]
    assert not {"$", "\\"} & {*shown.text}


def test_no_formula_is_made_of_what_is_none(exporter):
    prose = "`$a$` costs $5.\n\n    $b$\n\n```\n$$c$$\n```\n"
    shown = of(new_markdown_cell(prose), exporter=exporter)
    assert not shown.find_all("math")
    assert "$a$ costs $5." in shown.text


@pytest.mark.parametrize(
    "written",
    [
        r"$\nosuchcommand{x}$", r"$\frac{x}$", "$x^$", r"$$\left( x$$", "$&$", "$a_b_c$",
        r"\begin{rcases} x \end{rcases}", r"$\newcommand{\R}[1][x]{\mathbb{#1}} \R$",
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_mathml_stays_as_it_is_written(written, exporter):
    shown = of(new_markdown_cell(f"Let {written} *and* $y$."), exporter=exporter)
    assert [formula.text for formula in shown.find_all("math")] == ["y"]
    assert written in shown.text
    assert shown.em.text == "and"


def test_macros_hold_from_cell_to_cell_of_a_page_and_on_no_other(exporter):
    texts = (r"Before $\Real$.", r"$$\newcommand{\Real}{\mathbb{R}}$$", r"$x \in \Real$ *here*")
    shown = of(*map(new_markdown_cell, texts), exporter=exporter)
    assert r"Before $\Real$." in shown.text
    assert "newcommand" not in shown.text
    assert [formula.text for formula in shown.find_all("math")] == ["", "x∈ℝ"]
    shown = of(new_markdown_cell(texts[-1]), exporter=exporter)
    assert not shown.find_all("math")


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtr>"),
        (r"\begin{gather} a \\ b \end{gather}", "<mtr>"),
        (r"a \\ b", "<mtr>"),
        (r"\begin{alignat}{2} a &= b & c &= d \end{alignat}", '<mtd columnalign="right">'),
        (r"\begin{eqnarray} a &=& b \end{eqnarray}", '<mtd columnalign="center"><mo>=</mo></mtd>'),
        (r"\begin{align} a &= b \nonumber \\ c &= d \end{align}", "<mtable"),
        (r"\begin{dcases} a & \text{if } b_1 < 2 \\ c \end{dcases}", "<mtext>if\xa0</mtext>"),
        (r"\begin{bmatrix} 1 & 2 \end{bmatrix}^\top", "<msup><mrow><mo>[</mo><mtable>"),
        (r"\mathbf{Wx} + \boldsymbol{\theta}", "<mi>𝐖</mi><mi>𝐱</mi>"),
        (r"\mathcal{BL}, \mathbb{NR}, \mathfrak{C}, \mathit{h}", "<mi>ℬ</mi><mi>ℒ</mi>"),
        (r"\text{a<b & c\_d}", "<mtext>a&lt;b\xa0&amp;\xa0c_d</mtext>"),
        (r"\! x", '<mspace width="-.167em">'),
        (r"\text{if $x^2 < y$ there}", "<msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo>"),
        (r"\arg z \log x", '<mo lspace="0" rspace=".167em">arg</mo><mi>z</mi>'),
        (r"\max_{x} f", '<munder><mo lspace="0" rspace=".167em" movablelimits="true">max</mo>'),
    ],
)
def test_what_stands_in_courses_is_a_formula(latex, found):
    made = mathml(latex, display=True)
    assert found in made
    assert "(1)" not in made


NAMES = "abcdefghijklmnopqrstuvwxyz"
# Each is one formula of a cell, or of an output.
COSTLY = {
    "braces": "{" * 100_000,
    "braces that close": "{" * 2_000 + "}" * 2_000,
    "fractions": r"\frac{" * 800,
    "roots": r"\sqrt" * 1_000 + "x",
    "styles": r"\displaystyle " * 300,
    "letters": "x" * 4_999,
    "primes": "x" + "'" * 4_000,
    "columns": "&" * 4_000,
    "environments": r"\begin{matrix}" * 300 + r"\end{matrix}" * 300,
    "a macro that calls itself": r"\def\a{\a\a}\a",
    "macros that double": r"\def\a{x}"
    + "".join(rf"\def\{b}{{\{a}\{a}}}" for a, b in zip(NAMES, NAMES[1:], strict=False))
    + r"\z",
    "an environment that doubles": r"\newenvironment{a}{\begin{a}\begin{a}}{}\begin{a}\end{a}",
    "an operator that doubles": r"\sideset{_1}{_2}{" * 200 + r"\sum" + "}" * 200,
    "digits": "1" * 4_999,
    "a number too large": r"\unicode{x" + "f" * 4_000 + "}",
}


@pytest.mark.parametrize("what", COSTLY)
def test_a_costly_formula_costs_itself_alone(what, exporter):
    start = process_time()
    mathml(COSTLY[what], display=True)
    assert process_time() - start < 0.3
    prose = new_markdown_cell(f"*before*\n\n$${COSTLY[what]}$$\n\n**after** $y$")
    answer = new_output("display_data", data={"text/latex": f"$${COSTLY[what]}$$"})
    shown = of(prose, new_code_cell("show()", outputs=[answer]), exporter=exporter)
    assert (shown.em.text, shown.strong.text) == ("before", "after")
    assert "y" in [formula.text for formula in shown.find_all("math")]


def test_many_formulas_cost_no_cell(exporter, monkeypatch):
    monkeypatch.setattr(markdown, "process_time", count(0, markdown.SECONDS / 200).__next__)
    many = "*fine* " + " and ".join([r"$\frac{x_1}{y_2}$"] * 500)
    shown = of(new_markdown_cell(many), exporter=exporter)
    assert AS_WRITTEN not in shown.text
    assert shown.em.text == "fine"
    assert 90 < len(shown.find_all("math")) < 110  # as many as half of the time is enough for
    assert shown.text.count("$") > 700


# Each tries to be more than a formula.
SLY = [
    r"\href{javascript:evil()}{x}", r"\style{position:fixed}{x}", r"\class{nbgrader_cell}{x}",
    r"\text{<script>evil()</script><b>x</b>}", r"\text{</mtext></math><h1>x</h1>}",
    r"\mbox{<img src=x>}", r"\unicode{x3c}script\unicode{x3e}",
    r"\raise 90em {x}", r"\raise -90em {x}", r"\hspace{-90em} x",
    r"\rule{90em}{90em} x", r"\kern-90em x", r"\smash{x}", r"\mathllap{x}", r"\llap{x}",
    r"\color{white}{x}", r"\colorbox{black}{x}", r"\genfrac(){90em}{0}{x}{y}", r"{x \above 90em y}",
    r"\Huge x", r"\verb|<script>evil()</script>| x", r"\operatorname{x}", r"\tag{</math>x}",
]  # fmt: skip
RAW = (
    "<math href='javascript:evil()' onclick='evil()' style='color:red' class='lost'>"
    "<maction actiontype='toggle'><mi>a</mi><mi>b</mi></maction><semantics><mi>c</mi>"
    "<annotation-xml encoding='text/html'><script>evil()</script><h1>d</h1></annotation-xml>"
    "</semantics><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=evil()&gt;'>"
    "<mpadded voffset='90em' lspace='-90em' height='0'>e</mpadded><mspace width='-90em'/></math>"
)


@pytest.mark.parametrize("written", [*SLY, RAW])
def test_a_formula_is_no_more_than_a_formula(written, exporter):
    source = written if written is RAW else f"${written}$"
    kinds = {"text/latex": source, "text/markdown": source, "text/html": f"<table><td>{source}"}
    outputs = [new_output("display_data", data={kind: text}) for kind, text in kinds.items()]
    shown = of(new_markdown_cell(source), new_code_cell("f()", outputs=outputs), exporter=exporter)
    for element in shown.find_all(lambda tag: tag.name == "math" or tag.find_parent("math")):
        assert element.name in formulas.ELEMENTS or element.name in markdown.TAGS
        assert not {*element.attrs} - formulas._ATTRIBUTES
        assert all(re.fullmatch(r"[a-z ]+|-?\d?\.?\d{0,3}(em)?", v) for v in element.attrs.values())
    unknown = ["script", "style", "maction", "semantics", "mglyph", "annotation-xml"]
    assert not shown.find_all(unknown)
    active = {"onclick", "onerror", "style", "href", "voffset"}
    assert [tag for tag in shown.find_all(True) if active & {*tag.attrs} and tag.name != "a"] == []
    assert "javascript" not in "".join(a.get("href", "") for a in shown.find_all("a"))


# Outputs

FRAME = pd.DataFrame({"layer": ["first", "<b>last</b>"], "zeros": [0.5, 0.25]})
CELL = "<table><tr><td>{}</td></tr></table>"
TABLES = {
    "a frame": FRAME.to_html(notebook=True),
    "a frame with levels": FRAME.set_index(["layer", FRAME.index]).to_html(notebook=True),
    "a frame in pieces": FRAME._repr_html_(),
    "a frame in colours": FRAME.style.set_caption("Zeros").set_properties(color="red").to_html(),
    "another library's": "<div><style>.dataframe > thead { text-align: right }</style>"
    "<small>shape: (2, 2)</small><table border='1'><thead><tr><th>layer</th><th>zeros</th></tr>"
    "<tr><td>str</td><td>f64</td></tr></thead><tbody><tr><td>&quot;one&quot;</td><td>0.5</td></tr>"
    "<tr><td>two</td><td>0.25</td></tr></tbody></table></div>",
    "one beside another": CELL.format(FRAME.to_html() + "</td><td>" + FRAME.to_html()),
}


def shown_of(exporter, **data):
    """Return what the page shows of an object, by its types with an underscore."""
    data = {name.replace("_", "/"): value for name, value in data.items()}
    output = new_output("execute_result", data=data)
    return of(new_code_cell("it", outputs=[output]), exporter=exporter).select_one(".output_area")


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_stays_a_table(kind, exporter):
    shown = shown_of(exporter, text_html=TABLES[kind], text_plain="as text")
    assert shown.select(".wide[tabindex='0'] table")
    texts = [cell.text.strip() for cell in shown.find_all(["td", "th"]) if not cell.table]
    assert {"layer", "zeros"} < {*texts}
    assert len(texts) >= 8
    assert "as text" not in shown.text
    assert "{" not in shown.text, "the rules of style are not text"
    inside = {tag.name for tag in shown.table.find_all(True)}
    assert inside <= tables.TAGS
    named = {key for tag in shown.table.find_all(True) for key in tag.attrs}
    assert named <= {"rowspan", "colspan"}
    assert [th for th in shown.find_all("th") if not th.text.strip()] == []


def test_how_many_rows_there_are_is_said(exporter):
    shown = shown_of(exporter, text_html=pd.DataFrame({"a": range(1_000)})._repr_html_())
    assert "1000 rows × 1 columns" in shown.text


NO_TABLES = {
    "text": "<b>0.5</b>",
    "a table in a page": "x" * 300 + CELL.format(1),
    "no cells": "<table>x</table>",
    "too many rows": CELL.format("1</td></tr><tr><td>" * 20_000),
    "too wide a cell": "<table><tr><td colspan='1000000'>1</td></tr></table>",
    "many wide cells": "<table>" + "<tr><td colspan=999 rowspan=999>1</td></tr>" * 20 + "</table>",
    "tables in tables": "<table><tr><td>" * 1_000 + "1",
    "styles that do not end": CELL.format("<style>" * 20_000) + "<td",
    "too much": CELL.format("x" * 2_000_000),
    "formatting": CELL.format("<b><i>" * 8_000),
    "no characters": "<table\0><td\ud800>" * 100,
}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_what_is_no_table_is_shown_as_text(kind, exporter):
    start = process_time()
    shown = shown_of(exporter, text_html=NO_TABLES[kind], text_plain="as text")
    assert process_time() - start < 10
    assert shown.text.strip() == "as text"
    assert shown.pre


ATTACKS = [
    "<script>evil()</script>",
    "<style>td { position: fixed; top: 0 }</style>",
    "<img src=x onerror=evil()>",
    "<a href='javascript:evil()'>x</a>",
    "<form action=x><input value=x><button>x</button></form>",
    "<iframe srcdoc='<script>evil()</script>'></iframe>",
    "<svg onload=evil()><script>evil()</script>",
    "<td id=is_half class='nbgrader_cell' style='position:fixed' onclick=evil()>x",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=evil()&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=evil()>'>",
    "<!-- --!><script>evil()</script> -->",
    "<template><script>evil()</script></template>",
    "<link rel=stylesheet href=//x><base href=//x><meta>",
    "</td></tr></table></div></div></main><h1>01_toy: 9 of 9 points</h1><table><tr><td>",
    "<textarea></table><script>evil()</script>",
    "<select><option><style></select><img src=x onerror=evil()>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_table_is_no_more_than_a_table(attack, exporter):
    shown = shown_of(exporter, text_html=CELL.format(f"1{attack}2"), text_plain="as text")
    boxes = {"div", "pre", "span"}
    for tag in shown.find_all(True):
        assert tag.name in tables.TAGS or tag.name in boxes
        assert {*tag.attrs} <= {"colspan", "rowspan"} or tag.name in boxes
    assert "position" not in shown.text


def test_formulas_and_markdown_of_outputs_are_laid_out(exporter):
    integral = r"$\displaystyle \int x^{2}\, dx$"
    assert shown_of(exporter, text_latex=integral, text_plain="Integral(x**2, x)").math.msup
    shown = shown_of(exporter, text_latex=r"The area is $a^2$, \[b\] and \(c\) < 1.")
    assert "The area is a2, b and c < 1." in shown.text
    half = "**half** of $n$\n\n| a |\n|-|\n| 1 |\n\n<b id=is_half>x</b>"
    shown = shown_of(exporter, text_markdown=half)
    assert (shown.strong.text, shown.math.text, shown.td.text) == ("half", "n", "1")
    assert not shown.find_all(id=True)


@pytest.mark.parametrize(
    ("plain", "instead"),
    [("Integral(x)", "Integral(x)"), ("<IPython.core.display.Latex object>", r"$\nosuch x$")],
)
def test_a_formula_of_an_output_that_cannot_be_is_shown_as_text(plain, instead, exporter):
    shown = shown_of(exporter, text_latex=r"$\nosuch x$", text_plain=plain)
    assert shown.pre.text == instead


def test_a_picture_goes_before_a_table(exporter):
    shown = shown_of(exporter, image_png=PNG, text_html=TABLES["a frame"])
    assert shown.img
    assert not shown.table


FORGED = (
    "<div class='cell'><div class='panel panel-primary nbgrader_cell'><div class='panel-heading'>"
    "<span class='pull-right'>Score: 2.0 / 2.0</span></div></div></div><h2 id='is_half'>half</h2>"
    "<a id='comment-is_half'></a><p id='top' class='lost points'>3 of 3</p>\n\n# is_half\n\n# mine"
)


@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "prose"])
def test_nothing_passes_for_a_part_of_the_page(kind, exporter):
    html = FORGED + CELL.format(FORGED) if kind == "text/html" else FORGED
    forged = [new_code_cell("it", outputs=[new_output("display_data", data={kind: html})])]
    if kind == "prose":
        forged = [new_markdown_cell(FORGED)]
    text = page(exporter, *forged)
    shown = BeautifulSoup(text, "html.parser")
    assert len(shown.select(".nbgrader_cell")) == 1, "the check's own"
    assert shown.select_one(".lost") is None
    assert [tag.name for tag in shown.find_all(id=["is_half", "comment-is_half"])] == []
    assert [tag.name for tag in shown.find_all(id="top")] == ["header"]
    assert bool(shown.find_all(id="mine")) == (kind == "prose")


def test_what_was_handed_in_stands_for_what_hidden_tests_could_have_shown(exporter):
    check = cell("assert True", "after", points=1)
    check.metadata |= {NOTES: {"met": True}}
    check.metadata.nbgrader |= {"score": 1.0}
    told = new_output("display_data", data={"text/html": CELL.format("told")})
    shown = of(check, new_code_cell("it", outputs=[told]), exporter=exporter)
    assert not shown.select(".output_area")


def test_a_page_that_is_made_as_it_was_written_has_no_tables(exporter, monkeypatch):
    monkeypatch.setattr("autograders.grading.feedback.lay_out", lambda *a, **k: "x" * 10**10)
    output = new_output("display_data", data={"text/html": CELL.format(1), "text/plain": "as text"})
    shown = of(new_markdown_cell("$x$"), new_code_cell("it", outputs=[output]), exporter=exporter)
    assert "as text" in shown.text
    assert not shown.find_all(["table", "math"])


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
