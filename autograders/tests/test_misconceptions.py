"""The answers' format: what is read, what is refused, and that every answer here fits its lab."""

import nbformat
import pytest

from autograders.course.answers.runner import LABS
from autograders.course.misconceptions import HERE, AnswerError, check, collect, load

PERCENT = '''"""Reports a percentage
where a fraction is asked for."""

CELL = "measure"  # replaced
FAILS = ["is_a_fraction"]

# %% answer
def measure(model):
    """Count zeros."""

    return 100 * model
'''


@pytest.fixture
def write(tmp_path):
    def write(text, name="01_toy/percent.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_an_answer_is_read_without_being_run(write):
    answer = load(write(PERCENT.replace("return", "raise SystemExit; return")))
    assert (answer.lab, answer.name, answer.right) == ("01_toy", "percent", False)
    assert answer.idea == "Reports a percentage where a fraction is asked for."
    assert answer.fails == {"is_a_fraction"}
    assert answer.cells["measure"].startswith("def measure(model):")
    assert answer.cells["measure"].endswith("100 * model")


def test_an_answer_may_get_part_of_the_points(write):
    assert load(write(PERCENT)).points == {}
    part = 'POINTS = {"is_a_fraction": 1.5}\n\n# %% answer'
    assert load(write(PERCENT.replace("# %% answer", part))).points == {"is_a_fraction": 1.5}


def test_an_answer_may_replace_several_cells(write):
    text = PERCENT.replace('"measure"  # replaced', '["measure", "report"]')
    text = text.replace("# %% answer", "# %% answer: measure") + "\n# %% answer: report\nx = 1\n"
    assert load(write(text)).cells.keys() == {"measure", "report"}
    assert load(write(text)).cells["report"] == "x = 1"


def test_right_answers_come_last_and_keep_their_lab(write, tmp_path):
    write(PERCENT.replace('["is_a_fraction"]', "[]"), "01_toy/right/a_loop.py")
    write(PERCENT)
    answers = collect("01_toy", tmp_path)
    assert [(a.lab, a.name, a.right) for a in answers] == [
        ("01_toy", "percent", False),
        ("01_toy", "a_loop", True),
    ]
    assert collect("02_no_answers_yet", tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"""Reports a percentage\nwhere a fraction is asked for."""', "", "say its idea"),
        ("asked for.", "asked for", "say its idea in one sentence"),
        ('CELL = "measure"', 'CELLS = "measure"', "no line `CELL = ...`"),
        ("FAILS = ", "FAILS: list = ", "no line `FAILS = ...`"),
        ('CELL = "measure"', "CELL = measure", "CELL is not a plain value"),
        ('CELL = "measure"', "CELL = 3", "CELL is 3; write grade ids"),
        ('["is_a_fraction"]', '"is_a_fraction"', "FAILS is 'is_a_fraction'; write grade ids"),
        ('["is_a_fraction"]', "[]", "wrong ones name at least one check"),
        ("# %% answer", 'POINTS = {"other": 1}\n# %% answer', "of a check in FAILS"),
        ("# %% answer", 'POINTS = {"is_a_fraction": 0}\n# %% answer', "write points above 0"),
        ("# %% answer", "POINTS = [1]\n# %% answer", "POINTS is [1]; write points"),
        ("# %% answer", "# the answer", "sections for no cell where CELL says ['measure']"),
        ("# %% answer", "# %% answer: report", "sections for ['report'] where CELL says"),
        ('"measure"', '["measure", "report"]', "write `# %% answer: grade_id` above each"),
        ("# %% answer", "# %% answer\nx = 1\n# %% answer", "sections for ['measure', 'measure']"),
        (PERCENT.partition("# %% answer\n")[2], "", "the answer for measure is empty"),
        ("(model):", "(model)", "line 8: expected ':'"),
    ],
)
def test_a_malformed_answer_is_named_with_the_fix(write, old, new, complaint):
    assert old in PERCENT
    with pytest.raises(AnswerError) as refusal:
        load(write(PERCENT.replace(old, new, 1)))
    assert str(refusal.value).startswith("01_toy/percent.py")
    assert complaint in str(refusal.value)


def test_a_right_answer_may_not_name_checks(write):
    with pytest.raises(AnswerError, match="right answers, in right/, have FAILS"):
        load(write(PERCENT, "01_toy/right/percent.py"))


def test_names_are_unique_in_a_lab(write, tmp_path):
    write(PERCENT)
    write(PERCENT.replace('["is_a_fraction"]', "[]"), "01_toy/right/percent.py")
    with pytest.raises(AnswerError, match="two answers are called percent"):
        collect("01_toy", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("measure", "mesure", "replaces mesure, which is no code cell for solutions"),
        ("is_a_fraction", "is_fast", "names is_fast, which is no check in the lab"),
        ("is_a_fraction", "measure", "names measure, which is no check in the lab"),
    ],
)
def test_an_answer_must_fit_its_lab(write, toy_lab, old, new, complaint):
    check(load(write(PERCENT)), toy_lab)
    with pytest.raises(AnswerError, match=complaint):
        check(load(write(PERCENT.replace(f'"{old}"', f'"{new}"'))), toy_lab)


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_every_answer_fits_its_lab(lab):
    source = nbformat.read(lab, as_version=4)
    for answer in collect(lab.stem):
        check(answer, source)


def test_every_folder_of_answers_belongs_to_a_lab():
    folders = {path.name for path in HERE.glob("[0-9]*") if path.is_dir()}
    assert folders <= {lab.stem for lab in LABS}


def test_a_lab_has_its_name_alone():
    assert len({lab.stem for lab in LABS}) == len(LABS)
