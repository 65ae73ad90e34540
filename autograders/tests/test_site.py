"""What the site shows of a lab, and of the README files; nothing here needs Sphinx.

The pages themselves are built, searched and looked at in ``browser/test_site.py``.
"""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import is_grade, is_solution

from autograders.course import ROOT, site
from autograders.course.notebook_lint import HIDDEN, SOLUTION
from autograders.course.site import labs, texts
from tinytorch import assignment

SOURCES = sorted(ROOT.glob("modules/*/*.ipynb"))
LONG = 30  # characters; what is shorter could stand in any text


def bare(text):
    """Return a text without its white space: pages break lines elsewhere."""
    return re.sub(r"\s+", "", text)


def secrets(source):
    """Return what no student may read in a lab: answers, hidden tests, guides, line by line."""
    found = set()
    for cell in source.cells:
        if cell.cell_type == "markdown":
            secret = cell.source if is_solution(cell) else ""
        else:
            secret = "\n".join(
                part
                for begin, end in (SOLUTION, HIDDEN)
                for part in re.findall(f"{begin}(.*?){end}", cell.source, flags=re.DOTALL)
            )
        found |= {bare(line) for line in secret.splitlines()}
    return {line for line in found if len(line) >= LONG}


def visible(sources):
    """Return what the labs say outside of all that; a line may stand in both."""
    parts = "|".join(f"{begin}.*?{end}" for begin, end in (SOLUTION, HIDDEN))
    return bare(
        "".join(
            re.sub(parts, "\n", cell.source, flags=re.DOTALL)
            for source in sources
            for cell in source.cells
            if cell.cell_type == "code" or not is_solution(cell)
        )
    )


def told(secret, text):
    """Return those of some lines that stand in a text: windows of it are looked up, not lines."""
    begins = {line[:LONG] for line in secret}
    windows = {text[at : at + LONG] for at in range(len(text) - LONG + 1)} & begins
    return {line for line in secret if line[:LONG] in windows and line in text}


@pytest.fixture(scope="module")
def shown():
    """Each lab as the site shows it, by the path of its source."""
    folders = sorted({path.parent for path in SOURCES})
    return {
        folder / f"{name}.ipynb": notebook
        for folder in folders
        for name, notebook in labs.pages(ROOT, folder.name)
    }


def test_all_labs_are_shown_and_keep_their_secrets(shown):
    assert sorted(shown) == SOURCES
    sources = [nbformat.read(path, 4) for path in SOURCES]
    kept = set().union(*map(secrets, sources))
    assert len(kept) > 100 * len(SOURCES)
    said = bare("\n".join(cell.source for page in shown.values() for cell in page.cells))
    assert told(kept, said) - told(kept, visible(sources)) == set()


def test_figures_are_those_of_the_source_and_have_names(shown):
    for path, page in shown.items():
        pictures = [
            output.data["image/png"]
            for cell in nbformat.read(path, 4).cells
            if cell.cell_type == "code" and not is_grade(cell) and not is_solution(cell)
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        there = [
            (output.data["image/png"], cell.metadata.mystnb.image.alt)
            for cell in page.cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        assert [picture for picture, _ in there] == pictures
        assert all(alt.startswith("Figure") for _, alt in there)
        assert pictures, path.name


def test_no_output_of_an_answer_a_check_or_an_error_is_shown():
    text = [new_output("stream", text="secret")]
    error = [new_output("error", ename="E", evalue="secret", traceback=["secret"])]
    html = {"text/html": "<b>secret</b>", "text/plain": "kept"}
    answer = {"nbgrader": {"solution": True, "grade_id": "answer"}}
    check = {"nbgrader": {"grade": True, "solution": False, "grade_id": "check", "points": 2}}
    source = new_notebook(
        cells=[
            new_code_cell("a", id="a", outputs=text, metadata=answer),
            new_code_cell("b", id="b", outputs=text, metadata=check),
            new_code_cell("c", id="c", outputs=error),
            new_code_cell("d", id="d", outputs=[new_output("display_data", data=html)]),
            new_code_cell("e", id="e", outputs=text),
            new_markdown_cell("f", id="f"),
        ]
    )
    released = new_notebook(cells=[cell.copy() for cell in source.cells])
    released.cells[4] = new_code_cell("another source", id="e")
    page = labs.page(released, source)
    assert "secret" not in nbformat.writes(page)
    assert [cell.source for cell in page.cells] == [
        "{.exercise}\nYour code · `answer`", "a",
        "{.check}\nCheck · `check` · 2 points", "b", "c", "d", "another source", "f",
    ]  # fmt: skip
    assert page.cells[5].outputs[0].data == {"text/plain": "kept"}


def test_a_control_is_named_and_not_shown():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "x"}
    cell = new_code_cell("slider()", id="a", outputs=[new_output("display_data", data=view)])
    page = labs.page(new_notebook(cells=[cell]), new_notebook(cells=[cell]))
    assert [output.text for output in page.cells[0].outputs] == [labs.INSTEAD]


def test_what_labs_say_of_themselves_adds_up():
    for part in labs.parts(ROOT):
        worth = assignment.read(ROOT / "modules" / part.name).points
        assert {lab.name: lab.points for lab in part.labs}.items() <= worth.items()
        for lab in part.labs:
            opening = nbformat.read(ROOT / "modules" / part.name / f"{lab.name}.ipynb", 4).cells[0]
            assert f"about {lab.minutes} minutes, " in opening.source
            assert f" · {lab.points:g} points*" in opening.source
            assert 3 <= len(lab.learnt) <= 6
            assert not any("\n\n" in item for item in lab.learnt)


def test_a_lab_that_does_not_say_how_long_it_takes_is_named(tmp_path):
    path = tmp_path / "01_short.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Lab\n\nAbout nothing.")]), path)
    with pytest.raises(labs.LabError, match=r"01_short\.ipynb: its first cell should have"):
        labs.describe(path)


def test_every_section_on_grading_is_on_a_page():
    parts = texts.parts(ROOT / "autograders" / "README.md")
    assert [*parts][1:] == [site.ANY, site.OURS, site.INSIDE]
    cut = {heading for _, _, heading in site.CUT}
    ours = {heading for part in parts for heading in texts.sections(parts[part])} - {texts.OPENING}
    shown = {*texts.sections(texts.without(parts[site.ANY], cut))} - {texts.OPENING}
    assert ours == cut | shown | {site.FIRST}


def test_the_reference_has_every_module_that_labs_import():
    names = {module.name for module in site.described(ROOT / "tinytorch")}
    imported = {
        name
        for path in SOURCES
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == "code"
        for name in re.findall(r"^(?:from|import) (tinytorch[\w.]*)", cell.source, re.MULTILINE)
    }
    assert {"tinytorch.optimization.compression", "tinytorch.testing"} <= imported
    assert imported - names == {"tinytorch.export"}
    assert all(module.about for module in site.described(ROOT / "tinytorch"))


def test_formulas_in_labs_are_typeset():
    """Indices and powers in prose stand between dollars: w_j and 2^(b-1) are shown as they are."""
    apart = re.compile(r"```.*?```|`.*?`|\$\$.*?\$\$|\$.*?\$", re.DOTALL)
    assert [
        (path.name, plain)
        for path in SOURCES
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == "markdown"
        for plain in re.findall(r"\S*(?:\w_\w|\^)\S*", apart.sub("", cell.source))
    ] == []
