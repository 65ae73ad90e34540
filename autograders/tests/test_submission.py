"""What was handed in is read, and its cells are found, whatever became of the file."""

import copy
import gzip
import json
import os
import random
from contextlib import chdir, suppress

import nbformat
import pytest
from nbgrader.apps import AutogradeApp, GenerateAssignmentApp
from nbgrader.converters import Autograde

from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in
from autograders.grading import matching, reading, settings
from autograders.grading.limited import Overrun, limited
from autograders.grading.notes import NOTES
from autograders.grading.reading import UnreadableNotebook, read_file, read_notebook
from autograders.grading.submission import doubts, known_of, remarks
from autograders.tests.conftest import toy_notebook
from autograders.tests.pretend import nbgrader

CHECKS = ("is_a_fraction", "counts_zeros_only", "reports_a_percentage")
WORDS = "why_exact_zero"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return a course whose one lab is released."""
    root = tmp_path_factory.mktemp("reading")
    (root / "modules/toy").mkdir(parents=True)
    nbformat.write(toy_notebook(), root / "modules/toy/01_toy.ipynb")
    settings.copy(ROOT, root)
    nbgrader(root, GenerateAssignmentApp, "toy")
    return root


@pytest.fixture
def handed_in(root):
    """Return the lab as a student hands it in, with all answers."""
    released = nbformat.read(root / "release/toy/01_toy.ipynb", as_version=4)
    notebook = fill_in(released, toy_notebook())
    named(notebook, WORDS).source = "Rounding hides small ones."
    return notebook


@pytest.fixture
def restored(root):
    """Return a function that reads a file and puts its cells back, as `nbgrader autograde` does."""
    with chdir(root):
        app = AutogradeApp()
        app.initialize([])
    converter = Autograde(coursedir=app.coursedir, parent=app)

    def restored(content):
        path = root / "submitted/ada/toy/01_toy.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else text(content))
        exporter = converter.exporter_class(parent=converter, config=converter.config)
        for step in converter.sanitize_preprocessors:
            exporter.register_preprocessor(step)
        about = {"student": "ada", "assignment": "toy", "notebook": "01_toy"}
        about["db_url"] = converter.coursedir.db_url
        written, _ = exporter.from_filename(str(path), resources={"nbgrader": about})
        made = nbformat.reads(written, as_version=4)
        nbformat.validate(made)
        assert {*CHECKS, "measure", "report", WORDS} >= {*names(made)}
        assert {*CHECKS, WORDS} <= {*names(made)}
        return made

    return restored


def text(notebook):
    return json.dumps(notebook).encode("utf-8")


def names(notebook):
    """Return the grade ids, in the order of the cells."""
    found = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return [name for name in found if name]


def named(notebook, name):
    (found,) = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    return found


def source(notebook, name):
    return named(notebook, name).source


def in_order(notebook):
    """Make sure that each check stands below its answers."""
    order = names(notebook)
    for check, answer in zip(CHECKS, ("measure", "measure", "report"), strict=True):
        assert order.index(answer) < order.index(check), order


def whole(notebook):
    """Make sure that nothing of a whole submission was lost."""
    in_order(notebook)
    assert "secret_sauce" in source(notebook, "measure")
    assert "zero" in source(notebook, "report")
    assert source(notebook, WORDS) == "Rounding hides small ones."
    return True


# Files


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_any_unicode_is_read(encoding, handed_in, restored):
    named(handed_in, WORDS).source = "Größer als 0 — 𝑥²"
    made = restored(json.dumps(handed_in, ensure_ascii=False).encode(encoding))
    assert source(made, WORDS) == "Größer als 0 — 𝑥²"


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("where", ["code", "prose", "metadata", "outputs", "id", "key"])
def test_half_of_a_surrogate_pair_is_replaced(where, escaped, handed_in, restored):
    cell = named(handed_in, "measure")
    half = "\ud800"
    if where == "code":
        cell.source += f"\n# {half}"
    elif where == "prose":
        named(handed_in, WORDS).source += half
    elif where == "metadata":
        cell.metadata["tags"] = [half]
        handed_in.metadata["title"] = half
    elif where == "outputs":
        cell.outputs = [nbformat.v4.new_output("stream", text=half)]
    elif where == "id":
        cell["id"] = half
    else:
        cell.metadata[half] = {half: half}
    content = json.dumps(handed_in, ensure_ascii=escaped)
    made = restored(content.encode("utf-8", "surrogatepass"))
    assert "secret_sauce" in source(made, "measure")
    assert source(made, WORDS).startswith("Rounding hides small ones.")


def test_two_halves_that_were_escaped_apart_are_one_letter():
    assert reading._text("\ud83d\ude00") == "😀"


ODD = {
    "nan": lambda n: n.metadata.update(x=float("nan"), y=[float("inf"), -float("inf")]),
    "huge number": lambda n: n.metadata.update(x=int("9" * 4000)),
    "version is a text": lambda n: n.update(nbformat="4"),
    "version is missing": lambda n: n.pop("nbformat"),
    "version 4.9": lambda n: n.update(nbformat_minor=9),
    "version 5": lambda n: n.update(nbformat=5),
    "minor version is a list": lambda n: n.update(nbformat_minor=[]),
    "no ids": lambda n: [cell.pop("id") for cell in n.cells],
    "one id": lambda n: [cell.update(id="same") for cell in n.cells],
    "odd ids": lambda n: [cell.update(id=odd) for cell, odd in zip(n.cells, (1, ""), strict=False)],
    "no metadata": lambda n: n.pop("metadata"),
    "metadata is a list": lambda n: n.update(metadata=[]),
    "cells without metadata": lambda n: [cell.pop("metadata") for cell in n.cells],
    "metadata of cells is a list": lambda n: [cell.update(metadata=[1]) for cell in n.cells],
    "marks are a text": lambda n: [cell.update(metadata={"nbgrader": "x"}) for cell in n.cells],
    "lines": lambda n: [cell.update(source=cell.source.splitlines(True)) for cell in n.cells],
    "lines and more": lambda n: [cell.update(source=[cell.source, None, 3]) for cell in n.cells],
    "no source": lambda n: n.cells.append({"cell_type": "code"}),
    "source is null": lambda n: n.cells.append({"cell_type": "code", "source": None}),
    "source is a number": lambda n: n.cells.append({"cell_type": "code", "source": 3}),
    "an unknown type": lambda n: n.cells.append({"cell_type": "drawing", "source": "x"}),
    "a type that is none": lambda n: n.cells.append({"cell_type": 4, "source": "x"}),
    "types in capitals": lambda n: [c.update(cell_type=c.cell_type.upper()) for c in n.cells],
    "no types": lambda n: [cell.pop("cell_type") for cell in n.cells],
    "cells that are none": lambda n: n.cells.extend([None, 1, "x", [], {}]),
    "outputs are a text": lambda n: [cell.update(outputs="x") for cell in n.cells],
    "odd outputs": lambda n: [cell.update(outputs=ODD_OUTPUTS) for cell in n.cells],
    "odd attachments": lambda n: [
        cell.update(attachments={"a": {}, "b": 1, "c": {"image/png": None, "": ""}})
        for cell in n.cells
    ],
    "an odd tag": lambda n: [cell.metadata.update(tags=["a,b", "a,b"]) for cell in n.cells],
    "odd kernel": lambda n: n.metadata.update(kernelspec="x", language_info={}, authors=3),
}  # fmt: skip
ODD_OUTPUTS = [
    None,
    {},
    {"output_type": "stream"},
    {"output_type": "stream", "name": "x", "text": 3},
    {"output_type": "display_data", "data": {"text/plain": [1], "x": "y", "application/json": {}}},
    {"output_type": "execute_result", "data": [], "execution_count": "x", "metadata": 3},
    {"output_type": "error", "traceback": 3, "ename": None},
    {"output_type": "surprise"},
]


@pytest.mark.parametrize("what", ODD)
def test_what_is_odd_costs_nothing(what, handed_in, restored):
    notebook = json.loads(json.dumps(handed_in), object_hook=nbformat.NotebookNode)
    ODD[what](notebook)
    assert whole(restored(notebook))


@pytest.mark.parametrize("depth", [100, 2_000, 100_000])
@pytest.mark.parametrize("key", ["metadata", "outputs", "attachments", "more"])
def test_what_is_nested_deeply_is_left_out(key, depth, handed_in, restored):
    cell = named(handed_in, "measure")
    (cell.metadata if key == "metadata" else cell)[key] = "DEEP"
    content = text(handed_in).replace(b'"DEEP"', b"[" * depth + b'"]"' + b"]" * depth)
    assert whole(restored(content))


def test_of_two_equal_keys_the_last_counts_as_in_a_browser(handed_in, restored):
    content = text(handed_in).replace(b'"cells"', b'"cells": [], "cells"', 1)
    assert whole(restored(content))


def test_bytes_that_are_no_text_are_replaced(handed_in, restored):
    named(handed_in, WORDS).source = "Rounding QQ hides"
    made = restored(text(handed_in).replace(b"QQ", b"\xff\xfe"))
    assert source(made, WORDS) == "Rounding \ufffd\ufffd hides"


def test_control_characters_are_read(handed_in, restored):
    content = text(handed_in).replace(b"Rounding hides", b"Rounding\thides\n")
    assert source(restored(content), WORDS) == "Rounding\thides\n small ones."


@pytest.mark.parametrize("version", [2, 3])
def test_old_versions_are_read(version, handed_in, restored):
    cells = [
        {"cell_type": "code", "input": c.source.splitlines(True), "metadata": c.metadata,
         "outputs": [{"output_type": "pyout", "text": "1", "prompt_number": 1}]}
        if c.cell_type == "code" else
        {"cell_type": "markdown", "source": c.source, "metadata": c.metadata}
        for c in handed_in.cells
    ]  # fmt: skip
    cells.insert(0, {"cell_type": "heading", "level": 2, "source": "Mine"})
    made = restored(text({"nbformat": version, "worksheets": [{"cells": cells}]}))
    assert whole(made)
    assert made.cells[0].source == "## Mine"


def test_a_file_of_100_megabytes_is_read_without_its_outputs(handed_in, restored):
    named(handed_in, "measure").outputs = [nbformat.v4.new_output("stream", text="x" * 10**8)]
    assert whole(restored(handed_in))


def test_what_cannot_be_read_is_a_sentence(tmp_path):
    for content, said in [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"<html>", "it is not JSON"),
        (b"[1]", "it is JSON, but no notebook"),
        (b"{}", "it has no list of cells"),
        (b'{"cells": 3}', "it has no list of cells"),
        (b"[" * 10**6, "it is not JSON, or nested too deeply"),
        (b"PK\x03\x04" + bytes(100), "it is not JSON, but a zip"),
        (gzip.compress(b"{}"), "it is not JSON, but a gzip"),
        (b"%PDF-1.7", "it is not JSON, but a PDF"),
        (b"\n<!DOCTYPE html>", "it is not JSON, but a web page"),
    ]:
        with pytest.raises(UnreadableNotebook, match=said):
            read_notebook(content)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "nothing"):
        with pytest.raises(UnreadableNotebook, match="there is no file of its name"):
            read_file(path)


def conflict(notebook):
    """Return a file with git's marks, of whose two sides the second is the longer one."""
    lines = json.dumps(notebook, indent=1).split("\n")
    place = next(n for n, line in enumerate(lines) if "Rounding hides" in line)
    shorter = lines[place].replace("Rounding hides small ones.", "No.")
    marks = ["<<<<<<< Updated upstream", shorter, "||||||| base", "=======", lines[place]]
    lines[place : place + 1] = [*marks, ">>>>>>> 4e2b407 (mine)"]
    return "\n".join(lines)


DAMAGE = {
    "behind the end": (lambda n: json.dumps(n) + "\n}", "something stands behind its end"),
    "zeros behind the end": (lambda n: json.dumps(n) + "\0" * 512, "stands behind its end"),
    "twice": (lambda n: 2 * json.dumps(n), "something stands behind its end"),
    "commas": (lambda n: json.dumps(n).replace("[]", '["x",]'), "commas that JSON does not allow"),
    "conflict": (conflict, "git's conflict marks stand in it"),
    "conflict on Windows": (lambda n: conflict(n).replace("\n", "\r\n"), "git's conflict marks"),
    "broken off behind the cells": (lambda n: json.dumps(n)[:-60], "it breaks off"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_is_read_and_it_is_said(what, handed_in, restored):
    damaged, said = DAMAGE[what]
    made = restored(damaged(handed_in).encode())
    assert whole(made)
    assert said in dict(remarks(made))[""]
    assert {*dict(doubts(failing(made)))} == {*CHECKS}


def test_of_a_file_that_breaks_off_the_cells_before_are_read(handed_in, restored):
    content = text(handed_in)
    made = restored(content[: content.index(b"def report") + 5])
    assert "secret_sauce" in source(made, "measure")
    assert "report" not in names(made)
    assert "it breaks off" in dict(remarks(made))[""]
    with pytest.raises(UnreadableNotebook, match="it is not JSON, or breaks off"):
        read_notebook(content[:40], damaged=True)
    with pytest.raises(UnreadableNotebook, match="it is not JSON, or breaks off"):
        read_notebook(content[:-9])  # the course's own are read as they are, or not at all


def test_damage_takes_no_time(handed_in):
    for begin in ("{", "[" * 10**6, '{"cells": [' + "{},\n" * 10**5, "<<<<<<< a\n" * 10**5):
        with suppress(UnreadableNotebook):
            limited(lambda begin=begin: read_notebook("x" + begin, damaged=True), seconds=10)
            limited(lambda begin=begin: read_notebook(begin + "x", damaged=True), seconds=10)


def test_what_jupyters_server_answers_is_read(handed_in, restored):
    assert whole(restored({"name": "01_toy.ipynb", "type": "notebook", "content": handed_in}))


def test_a_small_file_takes_little_memory_however_large_it_might_be(tmp_path):
    path = tmp_path / "01_toy.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    assert limited(lambda: read_file(path, 128), megabytes=200).cells == []


def test_reading_ends_where_it_takes_too_much():
    many = b'{"cells": [' + b"[]," * 10**7 + b"[]]}"
    with pytest.raises(Overrun, match="more than 30 megabytes of memory"):
        limited(lambda: read_notebook(many), megabytes=30)


def test_what_is_read_can_be_written_whatever_it_was():
    seed = random.Random(0)
    values = [None, True, 3, 1e999, "", "\ud800", [], {}, ["x"], {"a": "\udfff"}, "code", "stream"]
    keys = ["cell_type", "source", "metadata", "outputs", "id", "attachments", "execution_count"]
    for _ in range(300):
        cells = [{key: seed.choice(values) for key in keys} for _ in range(3)]
        read = read_notebook(json.dumps({"cells": cells, "metadata": seed.choice(values)}))
        nbformat.validate(read)
        nbformat.writes(read).encode()


# Cells


def emptied(notebook):
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()


def renumbered(notebook):
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"new-{number}"


def test_cells_whose_metadata_were_emptied_are_found_by_their_ids(handed_in, restored):
    emptied(handed_in)
    made = restored(handed_in)
    assert whole(made)
    assert names(made) == names(toy_notebook())
    assert dict(remarks(made)) == {
        "": "Cells had lost their marks, and were found: 6 by their ids."
    }


def test_cells_without_marks_and_ids_are_found_by_what_stands_in_them(handed_in, restored):
    emptied(handed_in)
    renumbered(handed_in)
    made = restored(handed_in)
    assert whole(made)
    assert names(made) == names(toy_notebook())
    assert dict(remarks(made)) == {
        "": "Cells had lost their marks, and were found: 3 by what stands in them, 2 by the names "
        "that they define, 1 by where they stand."
    }


def test_matching_is_the_same_every_time(handed_in, restored):
    emptied(handed_in)
    renumbered(handed_in)
    assert nbformat.writes(restored(handed_in)) == nbformat.writes(restored(handed_in))


def test_a_check_that_was_changed_and_lost_its_mark_is_put_back_in_its_place(handed_in, restored):
    emptied(handed_in)
    renumbered(handed_in)
    handed_in.cells[4].source = "pass"
    made = restored(handed_in)
    assert whole(made)
    assert source(made, "is_a_fraction").startswith("assert 0 <= measure(data)")


def test_a_whole_notebook_that_is_not_recognised_is_flagged(restored):
    cells = [nbformat.v4.new_code_cell("print(1)"), nbformat.v4.new_markdown_cell("Why, indeed.")]
    made = restored(nbformat.v4.new_notebook(cells=cells))
    assert {*dict(doubts(failing(made)))} == {*CHECKS}
    assert source(made, WORDS) == "Why, indeed."
    assert "found: 1 by where they stand" in dict(remarks(made))[""]


def failing(notebook):
    """Have every check fail."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]
    return notebook


def test_an_answer_that_was_deleted_is_a_doubt_about_its_checks(handed_in, restored):
    handed_in.cells.remove(named(handed_in, "measure"))
    made = failing(restored(handed_in))
    assert {*dict(doubts(made))} == {"is_a_fraction", "counts_zeros_only"}


def test_cells_in_another_order_do_not_move_a_check_above_its_answer(handed_in, restored):
    seed = random.Random(1)
    for _ in range(8):
        mixed = copy.deepcopy(handed_in)
        seed.shuffle(mixed.cells)
        in_order(restored(mixed))


@pytest.mark.parametrize("first", [True, False])
def test_of_an_answer_and_an_empty_copy_the_answer_counts(first, handed_in, restored):
    answer = named(handed_in, WORDS)
    empty = copy.deepcopy(answer) | {"id": "copy", "source": "*Your answer here.*"}
    place = handed_in.cells.index(answer)
    handed_in.cells.insert(place + first, nbformat.from_dict(empty))
    assert whole(restored(handed_in))


def test_an_answer_that_was_written_twice_is_flagged(handed_in, restored):
    answer = named(handed_in, WORDS)
    other = copy.deepcopy(answer) | {"id": "copy", "source": "Something else."}
    handed_in.cells.append(nbformat.from_dict(other))
    made = restored(handed_in)
    assert source(made, WORDS) == "Something else."
    assert "more than once" in dict(remarks(made))[WORDS]
    assert any(cell.source == "Rounding hides small ones." for cell in made.cells)


def test_code_that_was_written_twice_is_a_doubt_about_its_checks(handed_in, restored):
    other = copy.deepcopy(named(handed_in, "measure"))
    other |= {"id": "copy", "source": "def measure(array):\n    raise ValueError('an idea')"}
    handed_in.cells.append(nbformat.from_dict(other))
    made = restored(handed_in)
    said = dict(doubts(failing(made)))
    assert {*said} == {"is_a_fraction", "counts_zeros_only"}
    assert "written more than once" in said["is_a_fraction"]
    assert "the last is graded" in named(made, "measure").metadata[NOTES]["note"]


def test_an_answer_that_was_split_is_no_matter(handed_in, restored):
    """JupyterLab gives both halves the mark."""
    measure = named(handed_in, "measure")
    half = nbformat.from_dict({**copy.deepcopy(measure), "id": "half", "source": "measure(data)"})
    handed_in.cells.insert(handed_in.cells.index(measure) + 1, half)
    made = restored(handed_in)
    sources = [cell.source for cell in made.cells]
    assert sources.index(measure.source) == sources.index("measure(data)") - 1
    in_order(made)
    assert not dict(doubts(failing(made)))


@pytest.mark.parametrize("empty", [True, False])
def test_an_answer_that_was_written_into_a_check_stands_above_it(empty, root, handed_in, restored):
    released = nbformat.read(root / "release/toy/01_toy.ipynb", as_version=4)
    measure, check = named(handed_in, "measure"), named(handed_in, "is_a_fraction")
    written = check.source = f"{measure.source}\n{check.source}"
    measure.source = "" if empty else source(released, "measure")
    made = failing(restored(handed_in))
    place = made.cells.index(named(made, "is_a_fraction"))
    assert made.cells[place - 1].source == written
    assert made.cells[place - 1].metadata[NOTES]["note"].startswith("This was written into")
    assert source(made, "is_a_fraction") == source(released, "is_a_fraction")
    assert {*dict(doubts(made))} == {"is_a_fraction", "counts_zeros_only"}


def test_a_check_that_was_changed_otherwise_is_put_back_and_no_more(root, handed_in, restored):
    released = nbformat.read(root / "release/toy/01_toy.ipynb", as_version=4)
    named(handed_in, "is_a_fraction").source = "def measure(array): ..."  # its cell has an answer
    named(handed_in, "report").source = source(released, "report")
    named(handed_in, "reports_a_percentage").source = "print(report(data))"  # no answer
    made = failing(restored(handed_in))
    assert len(made.cells) == len(handed_in.cells)
    assert not dict(doubts(made))


def unanswered(notebook):
    answer = named(notebook, WORDS)
    answer.source = "*Your answer here.*"
    return notebook.cells.index(answer)


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("kind", ["markdown", "raw", "comments", "no Python", "a text"])
def test_an_answer_that_was_written_beside_its_cell_is_found(kind, after, handed_in, restored):
    place = unanswered(handed_in)
    written = "Rounding hides small ones."
    written = {"comments": f"# {written}", "a text": f'print("""{written}""")'}.get(kind, written)
    code = kind in ("comments", "no Python", "a text")
    make = nbformat.v4.new_code_cell if code else getattr(nbformat.v4, f"new_{kind}_cell")
    handed_in.cells.insert(place + after, make(written))
    made = restored(handed_in)
    assert source(made, WORDS) == written
    assert "written beside" in dict(remarks(made))[WORDS]


def test_many_cells_beside_an_empty_answer_cost_no_process_each(handed_in, restored, monkeypatch):
    forked = []

    def counted(work, *limits):
        forked.append(limits)
        return work()

    monkeypatch.setattr(matching, "limited", counted)
    place = unanswered(handed_in)
    many = ["x = 1", "(" * 1_000, "not Python, but words", "-" * 50_000 + "1"] * 50
    handed_in.cells[place:place] = map(nbformat.v4.new_code_cell, many)
    made = restored(handed_in)
    assert "not Python, but words" in source(made, WORDS)
    assert "x = 1" not in source(made, WORDS)
    assert len(forked) == 1


def test_cells_that_came_without_ids_are_not_told_apart_by_their_numbers():
    """As in an old format: what stands above them shifts the numbers."""
    question = nbformat.v4.new_markdown_cell("Why is it so?")
    marks = {"grade_id": "why", "grade": True, "solution": True, "points": 1, "locked": False}
    words = nbformat.v4.new_markdown_cell("*Your answer.*", metadata={"nbgrader": marks})
    lab = [question, words]
    header = nbformat.v4.new_markdown_cell("Above.")
    handed_in = copy.deepcopy([header, question, words])
    for cells in (lab, handed_in):
        for number, cell in enumerate(cells):
            cell["id"] = f"{reading.UNNAMED}{number}"
    found = matching.match(known_of({"why": words}, lab), handed_in)
    assert found.places == {0: 1, 1: 2}


def test_an_answer_in_pieces_is_put_together(handed_in, restored):
    place = unanswered(handed_in)
    for text_ in ("Rounding", "hides"):
        place += 1
        handed_in.cells.insert(place, nbformat.v4.new_markdown_cell(text_))
    assert source(restored(handed_in), WORDS) == "Rounding\n\nhides"


def test_an_answer_whose_cell_lost_its_mark_and_its_id_is_found(handed_in, restored):
    answer = named(handed_in, WORDS)
    answer.metadata, answer["id"] = nbformat.NotebookNode(), "new"
    assert whole(restored(handed_in))


def test_an_answer_that_became_code_is_prose_again(handed_in, restored):
    answer = named(handed_in, WORDS)
    place = handed_in.cells.index(answer)
    handed_in.cells[place] = nbformat.v4.new_code_cell(answer.source, metadata=answer.metadata)
    made = restored(handed_in)
    assert whole(made)
    assert named(made, WORDS).cell_type == "markdown"


def test_prose_elsewhere_is_a_reason_to_look_at_an_empty_answer(handed_in, restored):
    unanswered(handed_in)
    handed_in.cells.insert(0, nbformat.v4.new_markdown_cell("Rounding hides small ones."))
    handed_in.cells.insert(0, nbformat.v4.new_code_cell("1"))
    assert "prose elsewhere" in dict(remarks(restored(handed_in)))[WORDS]


def test_an_empty_answer_is_not_flagged(handed_in, restored):
    unanswered(handed_in)
    made = restored(handed_in)
    assert not dict(remarks(made))
    assert NOTES not in named(made, WORDS).metadata


def test_an_answer_split_in_two_and_one_merged_with_its_check(handed_in, restored):
    measure, check = named(handed_in, "measure"), named(handed_in, "is_a_fraction")
    head, _, tail = measure.source.partition("    return")
    measure.source = f"{head}    return{tail}\n\n{check.source}"
    handed_in.cells.remove(check)
    report = named(handed_in, "report")
    handed_in.cells.insert(handed_in.cells.index(report) + 1, nbformat.v4.new_code_cell("x = 1"))
    assert whole(restored(handed_in))


def test_the_labs_of_this_course_are_found_without_marks_and_ids():
    from autograders.grading.matching import PLACE, TEXT, Known, match

    for path in LABS:
        cells = nbformat.read(path, as_version=4).cells
        marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
        lab = [
            Known(
                mark.get("grade_id"), "", cell.cell_type,
                "*Your answer here.*" if mark.get("solution") and cell.cell_type == "markdown"
                else cell.source, bool(mark.get("solution")),
            )
            for cell, mark in zip(cells, marks, strict=True)
        ]  # fmt: skip
        bare = [nbformat.from_dict({**cell, "metadata": {}}) for cell in cells]
        found = match(lab, bare)
        assert found.places == {number: number for number in range(len(lab))}, path.stem
        assert {*found.how.values()} == {TEXT, PLACE}, path.stem
