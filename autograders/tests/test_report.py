"""The class report: what it counts, what it shows, whom it names, and what it says without data."""

import csv
import re
import shutil
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from nbgrader.api import Grade, Gradebook
from rich.console import Console

from autograders import layout
from autograders.__main__ import main
from autograders.course.answers import diagnosis
from autograders.course.loop import Course
from autograders.course.misconceptions import Answer
from autograders.report import page
from autograders.report.class_results import (
    Check,
    Flag,
    Graded,
    Results,
    concerns,
    item_statistics,
    point_biserial,
    read,
)
from autograders.tests import synthetic_class

SIGNS = "AssertionError: negative numbers are not zero"
SIGNED = Answer("01_toy", "signed", "Takes <less> for equal.", {"measure": ""}, frozenset("a"))
HOSTILE = "<script>alert(1)</script>"


def graded(root):
    """Return the toy assignment of a course."""
    return Graded.of(layout.course(root), "toy")


@pytest.fixture(autouse=True)
def mistakes(monkeypatch):
    known = [(SIGNED, {"counts_zeros_only": SIGNS})]
    monkeypatch.setattr(diagnosis, "known", lambda lab: known if lab == "01_toy" else [])


@pytest.fixture
def hand_in(course, toy_lab):
    """Return a function that grades work in a course, and writes the autograded notebooks."""

    def hand_in(work):
        with synthetic_class.release(course, "toy") as gradebook:
            synthetic_class.hand_in(gradebook, "toy", work)
        for student, labs in work.items():
            for lab, failed in labs.items():
                if failed is not None:
                    notebook = toy_lab if failed else None
                    synthetic_class.write_graded(course, "toy", student, lab, failed, notebook)

    return hand_in


@pytest.fixture
def tell(course):
    """Return a function that reports; it gives the exit status and what was printed."""

    def tell(assignment="toy", **options):
        console = Console(record=True, width=200)
        status = page.main(assignment, root=course, console=console, **options)
        return status, console.export_text()

    return tell


THREE = {
    "ada": {"01_toy": {}, "02_toy": {}},
    "=bob": {"01_toy": {"counts_zeros_only": SIGNS}, "02_toy": None},
    "eve" + HOSTILE.replace("/", ""): {
        "01_toy": {"is_a_fraction": f"NotReadable: A class {HOSTILE} cannot be passed."},
        "02_toy": {"reports_a_percentage": "Timeout: Too long.", "counts_zeros_only": 1.5},
    },
}


class Page(HTMLParser):
    """The tags and the text of a page, to see that it is well formed and fetches nothing."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def text_of(page):
    return " ".join(" ".join(Page(page).text).split())


# Reading


def test_a_class_of_three_is_read(course, hand_in):
    hand_in(THREE)
    results = read(graded(course))
    order = [results.students.index(name) for name in THREE]
    assert results.labs == ["01_toy", "02_toy"]
    assert [check.name for check in results.checks[:3]] == [
        "is_a_fraction",
        "counts_zeros_only",
        "reports_a_percentage",
    ]
    np.testing.assert_array_equal(
        results.shares[order],
        [[1, 1, 1, 1, 1, 1], [1, 0, 1, *[np.nan] * 3], [0, 1, 1, 1, 0.5, 0]],
    )
    np.testing.assert_allclose(results.totals[order], [1, 3 / 12, (4 + 3.5) / 12])
    assert list(results.waiting[order]) == [8, 4, 8]
    assert [(m.answer.name, m.students) for m in results.mistakes.values()] == [
        ("signed", ["=bob"])
    ]
    assert {(f.lab, f.place, f.kind) for f in results.flags} == {
        ("01_toy", "is_a_fraction", "not readable"),
        ("02_toy", "reports_a_percentage", "ran out of time"),
    }


def test_the_sample_class_is_left_out_unless_there_is_nobody_else(course, hand_in):
    hand_in({f"sample_{n}": {"01_toy": {}, "02_toy": {}} for n in "ab"})
    assert read(graded(course)).students == ["sample_a", "sample_b"]
    with Course(course, "toy", Console()).gradebook() as gradebook:
        synthetic_class.hand_in(gradebook, "toy", {"ada": THREE["ada"]})
    assert read(graded(course)).students == ["ada"]


def test_a_score_above_what_a_cell_is_worth_is_a_flag(course, hand_in):
    hand_in({"ada": {"01_toy": {}, "02_toy": {}}})
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("why_exact_zero", "01_toy", "toy", "ada").manual_score = 4
        gradebook.find_grade_cell("why_exact_zero", "01_toy", "toy").max_score = 2
        gradebook.db.commit()
    (flag,) = read(graded(course)).flags
    assert (flag.place, flag.kind) == ("why_exact_zero", "above its points")
    assert flag.reason.startswith("a person gave 4 points, it is worth 2 now")


def test_a_check_marked_for_a_look_is_a_flag_without_a_notebook(course, hand_in):
    hand_in({"ada": THREE["ada"]})
    with Course(course, "toy", Console()).gradebook() as gradebook:
        gradebook.find_grade("is_a_fraction", "01_toy", "toy", "ada").needs_manual_grade = True
        gradebook.find_comment("measure", "02_toy", "toy", "ada").auto_comment = "No response."
        gradebook.db.commit()
    for path in course.glob("autograded/*/*/*.ipynb"):
        path.unlink()
    (course / "autograded" / "ada" / "toy").rmdir()
    results = read(graded(course))
    assert results.flags == [Flag("ada", "01_toy", "is_a_fraction", "marked for a look")]
    assert list(results.empty) == [1]


# Statistics


def test_point_biserial_is_pearsons_correlation_and_undefined_without_variance():
    item, rest = np.array([0, 1, 1, 0, 1.0]), np.array([0.2, 0.8, 0.5, 0.4, 0.9])
    passed, failed = rest[item == 1].mean(), rest[item == 0].mean()
    expected = (passed - failed) / rest.std() * np.sqrt(0.6 * 0.4)
    assert point_biserial(item, rest) == pytest.approx(expected)
    for constant in ((np.ones(5), rest), (item, np.ones(5)), (item[:1], rest[:1])):
        assert np.isnan(point_biserial(*constant))


def results_of(shares, **fields):
    shares = np.array(shares, float)
    n = len(shares)
    fields = {
        "students": [f"s{i:02}" for i in range(n)],
        "labs": ["1", "2"],
        "checks": [Check(lab, name, 1.0) for lab in "12" for name in "ab"],
        "shares": shares,
        "waiting": np.zeros(n),
        "empty": np.zeros(n, int),
        **fields,
    }
    return Results(**fields)


def test_items_are_judged_only_with_enough_students():
    easy = [[1, 1, 1, 0]] * 6 + [[1, 0, 0, 1]] * 6
    remarks = [s.remark for s in item_statistics(results_of(easy))]
    assert remarks == ["everyone passes", "", "weaker students do better"] + [remarks[3]]
    assert remarks[3] == "weaker students do better"
    few = item_statistics(results_of([[1, 1, 1, 0], [1, 0, 0, 1]]))
    assert [s.remark for s in few] == ["everyone passes", "", "", ""]
    assert few[2].discrimination == pytest.approx(-1)
    assert [s.n for s in item_statistics(results_of([[1, 1, np.nan, np.nan], [0] * 4]))] == [
        2,
        2,
        1,
        1,
    ]


def test_who_needs_a_word_and_why():
    nan = np.nan
    shares = [[1, 1, 1, 1]] * 4 + [[1, 1, nan, nan], [0, 1, 0, 0], [1, 1, 0, 0]]
    given = results_of(
        shares,
        empty=np.array([0, 0, 3, 0, 0, 0, 0]),
        flags=[Flag("s03", lab, "a", "ran out of time") for lab in "12"],
    )
    nbsp = "\N{NO-BREAK SPACE}"
    assert concerns(given) == {
        "s02": ["3 answers left empty"],
        "s03": ["ran out of time in 1 and 2"],
        "s04": ["2 not handed in"],
        "s05": [f"25{nbsp}% of the points in what was handed in"],
        "s06": [f"2: 0{nbsp}%, elsewhere 100{nbsp}%"],
    }
    assert concerns(results_of([[1, 1, 1, 1]] * 3)) == {}


# The page


def test_the_page_says_it_all_and_fetches_nothing(course, hand_in, tell):
    hand_in(THREE)
    status, printed = tell()
    assert status == 0, printed
    page = (course / "report" / "toy.html").read_text(encoding="utf-8")
    told = text_of(page)
    for expected in (
        "Half of the class has 62",
        "Takes <less> for equal.",
        "not readable in 01_toy",
        "02_toy not handed in",
        f"A class {HOSTILE} cannot be passed.",
        "Most failed:",
    ):
        assert expected in told
    for tag, attributes in Page(page).tags:
        assert tag != "link"
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith("#")
    assert HOSTILE not in page
    assert not re.search(r"url\(|@import|https?://", page)
    rows = list(csv.reader((course / "report" / "toy_students.csv").open(encoding="utf-8")))
    assert rows[1][0] == "'=bob"
    assert rows[1][rows[0].index("01_toy/counts_zeros_only")] == "0.0"
    assert rows[1][rows[0].index("02_toy")] == ""
    checks = list(csv.DictReader((course / "report" / "toy_checks.csv").open(encoding="utf-8")))
    assert [(c["lab"], c["n"]) for c in checks][::3] == [("01_toy", "3"), ("02_toy", "2")]


def reaching(toy_lab, said):
    """Return the toy lab as it stands where a check has printed something."""
    marks = [(c, c.metadata.get("nbgrader", {})) for c in toy_lab.cells]
    cell = next(c for c, m in marks if m.get("grade_id") == "counts_zeros_only")
    cell.outputs = [nbformat.v4.new_output("stream", text=said)]
    return toy_lab


def test_choices_are_drawn_where_the_labs_own_check_says_what_it_reached(
    course, hand_in, tell, toy_lab
):
    work = {s: {"01_toy": {}, "02_toy": None} for s in ("ada", "bob", "eve", "kim", "may")}
    work["kim"]["01_toy"] = {"counts_zeros_only": 0.0}  # what it says there brought no points
    hand_in(work)
    said = {
        "ada": "5 bytes, 99.0% \n27,955 bytes, 86.9% right: 3 of 4 points\n",  # the last one counts
        "bob": "27,000 bytes, 89.5% right: 4 of 4 points\n",
        "eve": "27,000 bytes, 89.5% right: 4 of 4 points\n",
        "kim": "1 bytes, 99.0% right\n",
        "may": "nothing of the kind\n",
    }
    for student, text in said.items():
        notebook = reaching(toy_lab, text)
        synthetic_class.write_graded(course, "toy", student, "01_toy", {}, notebook)
    assert read(graded(course)).choices == []

    own = reaching(toy_lab, "26,000 bytes, 88.0% right: 3 of 4 points\n")
    nbformat.write(own, course / "modules/toy/01_toy.ipynb")
    [choices] = read(graded(course)).choices
    assert (choices.check.name, choices.own) == ("counts_zeros_only", (26_000, 88.0))
    assert choices.reached == {
        "ada": (27_955, 86.9),
        "bob": (27_000, 89.5),
        "eve": (27_000, 89.5),
    }
    assert tell()[0] == 0
    text = (course / "report/toy.html").read_text()
    assert text.count("<circle") == 2
    assert "<title>bob, eve: 27,000 bytes, 89.5 % right</title>" in text
    assert "own answer: 26,000 bytes" in text
    assert text_of(text).count("the best choice is right in 89.5 %") == 1
    assert tell(anonymous=True)[0] == 0
    text = (course / "report/toy.html").read_text()
    assert text.count("<circle") == 2
    assert not re.search(r"\b(ada|bob|eve)\b", text_of(text))


def test_anonymous_names_are_stable_random_and_say_nothing(course, hand_in, tell, tmp_path):
    hand_in(THREE)
    pages = []
    for folder in ("one", "two"):
        status, _ = tell(anonymous=True, output=tmp_path / folder)
        assert status == 0
        pages.append((tmp_path / folder / "toy.html").read_text(encoding="utf-8"))
        for path in (tmp_path / folder).iterdir():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\bada\b|bob|alert|be passed", text)
    assert pages[0] == pages[1]
    key = course / "pseudonyms.csv"
    assert key.stat().st_mode & 0o777 == 0o600
    first = page.pseudonyms(key, list(THREE))
    assert set(first.values()) <= set(re.findall(r"S\d{4}", pages[0]))
    later = page.pseudonyms(key, [*THREE, "new"])
    assert {name: later[name] for name in THREE} == first
    key.unlink()
    assert page.pseudonyms(key, list(THREE)) != first  # by chance once in a million million


def test_a_thousand_students_fit_on_a_page(course, hand_in, tell):
    students = [f"student.{i:04}@example.org" for i in range(1000)]
    known = {lab: [(SIGNED, {"counts_zeros_only": SIGNS})] for lab in ("01_toy", "02_toy")}
    with synthetic_class.release(course, "toy") as gradebook:
        work = synthetic_class.mistaken(students, known)
        synthetic_class.hand_in(gradebook, "toy", work)
    status, printed = tell()
    assert status == 0, printed
    page = course / "report" / "toy.html"
    assert page.stat().st_size < 100_000
    told = text_of(page.read_text(encoding="utf-8"))
    assert "Twentieths of the class by checks" in told
    assert "951–1000" in told
    students_csv = (course / "report" / "toy_students.csv").read_text(encoding="utf-8")
    assert students_csv.count("\n") == 1001


# Nothing to report


def test_without_a_gradebook(course, tell):
    status, printed = tell()
    assert status == 1
    assert "there is no gradebook (sqlite://" in printed
    assert "first `nbgrader generate_assignment toy`" in printed
    assert not (course / "gradebook.db").exists()


def test_an_empty_gradebook(course, tell):
    Course(course, "toy", Console()).gradebook().close()
    status, printed = tell()
    assert status == 1
    assert "the gradebook is empty; first `nbgrader generate_assignment toy`" in printed


def test_an_assignment_that_is_not_there_or_not_graded(course, hand_in, tell):
    hand_in({})
    status, printed = tell("toi")
    assert (status, printed) == (1, "error: no assignment toi in the gradebook; it has: toy\n")
    assert tell()[0] == 1
    with Course(course, "toy", Console()).gradebook() as gradebook:
        synthetic_class.hand_in(gradebook, "toy", {"ada": THREE["ada"]})
        gradebook.db.query(Grade).update({"auto_score": None})
        gradebook.db.commit()
    status, printed = tell()
    assert status == 1
    assert "nothing is graded in toy; first `nbgrader autograde toy`" in printed
    assert not (course / "report").exists()


def test_the_command(course, monkeypatch):
    asked = []
    monkeypatch.setattr(page, "main", lambda *given: asked.append(given) or 0)
    assert main(["report", "toy", "--anonymous", "--output", str(course)]) == 0
    assert main(["report"]) == 0
    assert asked == [("toy", True, course), (None, False, None)]


def test_of_two_assignments_one_is_asked_for(course, tell):
    shutil.copytree(course / "modules/toy", course / "modules/toy_two")
    assert tell(None) == (1, "error: say which assignment: toy or toy_two\n")
