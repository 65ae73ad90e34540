"""The loop from release to feedback, through nbgrader's own commands, on a small course."""

import errno
import os
import re
import shutil
import time

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograders.__main__ import main
from autograders.course import ROOT, kit, loop, sample_class
from autograders.course.answers.runner import LABS
from autograders.course.loop import (
    Advance,
    Course,
    CourseError,
    Score,
    judge,
    release,
    run_nbgrader,
)
from autograders.course.misconceptions import Answer
from autograders.course.sample_class import Student, compose
from autograders.grading import settings
from tinytorch import assignment

PERCENT = "def measure(array):\n    return 100 * (array == 0).mean()"
LOOP = "def measure(array):\n    return sum(x == 0 for x in array.flat) / array.size"


def answer(name, code):
    return Answer("01_toy", name, f"The idea of {name}.", {"measure": code}, frozenset({"a_check"}))


@pytest.fixture
def mistakes(monkeypatch):
    known = [answer("percent", PERCENT)]
    monkeypatch.setattr(sample_class, "MISTAKEN", 1)
    monkeypatch.setattr(sample_class, "collect", lambda lab: known)
    monkeypatch.setattr(sample_class, "check", lambda answer, notebook: None)
    return known


@pytest.fixture
def run(course):
    """Return a function that runs the loop, and gives its exit status and what it printed."""

    def run(lint=lambda folder: 0):
        console = Console(record=True, width=200, quiet=False)
        status = loop.main(course, console, lint)
        return status, console.export_text()

    return run


def texts(folder):
    return {path: path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def touch(path):
    """Make a file newer than everything that is there."""
    os.utime(path, (time.time() + 5, time.time() + 5))


def row(printed, student):
    line = next(line for line in printed.splitlines() if line.split()[:1] == [student])
    return line.split()[1:]


# The whole loop


def test_from_labs_to_feedback_and_a_second_time(course, run, mistakes):
    own = course / "submitted" / "ada" / "toy"
    own.mkdir(parents=True)
    shutil.copy(course / "modules" / "toy" / "01_toy.ipynb", own)
    before = texts(own)

    status, printed = run()
    assert status == 0, printed

    released = "".join(texts(course / "release").values())
    assert "def measure" in released
    for secret in ("secret_sauce", "SOLUTION", "HIDDEN", "unguessable", "Zero is exact"):
        assert secret not in released

    assert row(printed, "sample_reference") == ["6", "6", "12", "8"]
    assert row(printed, "sample_mistaken_1") == ["0", "0", "0", "8"]
    assert row(printed, "sample_unfinished") == ["6", "0", "6", "8"]
    assert row(printed, "sample_one_lab") == ["6", "-", "6", "4"]
    assert row(printed, "ada")[0] == "6"
    assert "sample_mistaken_1: 02_toy: The idea of percent." in printed
    for command in ("generate_assignment toy", "autograde toy", "generate_feedback toy", "export"):
        assert f"$ nbgrader {command}\n" in printed

    pages = {page.parts[-3] for page in course.glob("feedback/*/toy/01_toy.html")}
    assert pages == set(os.listdir(course / "submitted"))
    assert len(pages) == 5
    assert (course / "grades.csv").read_text().count("toy,") == 5
    assert texts(own) == before

    graded = {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/toy/*")}
    status, printed = run()
    assert status == 0, printed
    assert "release/ is up to date" in printed
    assert row(printed, "sample_reference") == ["6", "6", "12", "8"]
    assert graded == {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/toy/*")}

    # One student hands in again, with an answer that is not wrong at all.
    mistakes[:] = [answer("innocent", LOOP)]
    status, printed = run()
    assert status == 1
    assert row(printed, "sample_mistaken_1") == ["6", "6", "12", "8"]
    assert "sample_mistaken_1 got full marks, with this: 01_toy: The idea of innocent." in printed
    again = {path for path, when in graded.items() if path.stat().st_mtime_ns != when}
    assert {path.parent.parent.name for path in again} == {"sample_mistaken_1"}

    # A lab changes: the sample class is forgotten, to be graded anew; ada is left as she was.
    touch(course / "modules" / "toy" / "02_toy.ipynb")
    console = Console(record=True, width=200)
    release(Course(course, "toy", console))
    told = console.export_text()
    assert "modules/toy/02_toy.ipynb is newer than the release" in told
    assert "nbgrader autograde toy --force" in told
    for step in ("submitted", "autograded", "feedback"):
        assert os.listdir(course / step) == ["ada"]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]
    assert texts(own) == before


def test_two_assignments_are_released_graded_and_forgotten_each_for_itself(course, run, mistakes):
    shutil.copytree(course / "modules" / "toy", course / "modules" / "toy_two")
    status, printed = run()
    assert status == 0, printed
    assert printed.count("$ nbgrader export\n") == 1
    for name in ("toy", "toy_two"):
        assert f"$ nbgrader autograde {name}\n" in printed
        assert f"{name}: points from checks" in printed
        assert (course / "grades.csv").read_text().count(f"\n{name},") == 4
    assert len(re.findall(r"sample_reference +6 +6 +12", printed)) == 2

    touch(course / "modules" / "toy_two" / "02_toy.ipynb")
    release(Course(course, "toy_two", Console(quiet=True)))
    for step in ("submitted", "autograded", "feedback"):
        left = {path.parent.name for path in course.glob(f"{step}/sample_*/*")}
        assert len(left) == 4
        assert {path.name for path in course.glob(f"{step}/sample_*/*")} == {"toy"}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert len(gradebook.assignment_submissions("toy")) == len(gradebook.students) == 4
        assert gradebook.assignment_submissions("toy_two") == []


# What it refuses


def test_tools_that_are_not_on_the_path_are_named(course, run, monkeypatch):
    monkeypatch.setenv("PATH", str(course))
    status, printed = run()
    assert status == 1
    assert "nbgrader and alembic not found on PATH. Activate the environment first" in printed
    assert not (course / "release").exists()


def test_labs_with_findings_are_not_released(course, run):
    status, printed = run(lint=lambda folders: len(folders))
    assert status == 1
    assert "the labs cannot be released as they are" in printed
    assert not (course / "release").exists()


def test_a_course_without_labs_says_so(course, run):
    shutil.rmtree(course / "modules")
    assert run() == (1, "error: there are no labs in modules/\n")


@pytest.fixture
def here(course):
    return Course(course, "toy", Console(record=True, width=200, quiet=False))


def test_answers_typed_into_the_release_are_not_lost(course, here):
    release(here)
    lab = course / "release" / "toy" / "02_toy.ipynb"
    notebook = nbformat.read(lab, as_version=4)
    notebook.cells[2].source = PERCENT
    nbformat.write(notebook, lab)
    release(here)  # up to date: nothing to do

    touch(course / "modules" / "toy" / "01_toy.ipynb")
    with pytest.raises(CourseError, match=r"holds answers typed into 02_toy.ipynb. Move"):
        release(here)
    assert nbformat.read(lab, as_version=4).cells[2].source == PERCENT


def test_a_warning_of_nbgrader_stops_the_course(course, here):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.CourseDirectory.sorce_directory = 'modules'\n")
    with pytest.raises(CourseError, match=r"`nbgrader generate_assignment toy`: Config option"):
        run_nbgrader(here, "generate_assignment", "toy")


def test_a_command_that_fails_shows_the_end_of_its_log(here):
    with pytest.raises(CourseError, match="No notebooks were matched") as failure:
        run_nbgrader(here, "autograde", "toy")
    assert "The end of its log:\n" in str(failure.value)


def test_every_benign_warning_has_a_reason():
    assert all(re.compile(pattern) and reason for pattern, reason in loop.BENIGN.items())


# The command line


def test_lint_and_check_get_their_arguments(tmp_path, capsys):
    assert main(["lint", str(tmp_path)]) == 1
    assert "no notebook in" in capsys.readouterr().err
    assert main(["check", "09_no_such_lab"]) == 2
    assert "no lab 09_no_such_lab; there are: 01_sparsity" in capsys.readouterr().out


def test_an_unknown_command_is_told_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["grades"])
    assert "'course', 'lint', 'check'" in capsys.readouterr().err


# The class


def test_everybody_but_the_reference_has_a_story(toy_lab, mistakes):
    students = compose({"01_toy": toy_lab, "02_toy": toy_lab}, {"01_toy": mistakes, "02_toy": []})
    assert [student.name for student in students if not student.story] == ["sample_reference"]
    first = next(student for student in students if student.name == "sample_mistaken_1")
    assert first.replacing == {"01_toy": {"measure": PERCENT}, "02_toy": {}}
    assert first.story == ("01_toy: The idea of percent.",)


def test_a_course_of_one_lab_without_known_mistakes_has_a_class_too(toy_lab):
    students = compose({"01_toy": toy_lab}, {"01_toy": []})
    assert [student.name for student in students] == ["sample_reference", "sample_unfinished"]


def test_grades_that_are_not_deserved_are_told():
    students = [
        Student("sample_reference"),
        Student("sample_mistaken_1", ("01_toy: Wrong.",)),
        Student("sample_unfinished", ("01_toy: Missing.",)),
    ]
    full, half = Score(True, 6, 6, 0, 0), Score(True, 3, 6, 0, 0)
    fair = {"sample_reference": full, "sample_mistaken_1": half, "sample_unfinished": half}
    assert judge(students, {name: {"01_toy": score} for name, score in fair.items()}) == []
    unfair = {"sample_reference": half, "sample_mistaken_1": full}
    assert judge(students, {name: {"01_toy": score} for name, score in unfair.items()}) == [
        "sample_reference has every answer right, but lost points in ['01_toy']",
        "sample_mistaken_1 got full marks, with this: 01_toy: Wrong.",
        "sample_unfinished was not graded",
    ]


# The labs of the repository


@pytest.fixture(scope="module")
def real_release(tmp_path_factory):
    root = tmp_path_factory.mktemp("release")
    settings.copy(ROOT, root)
    for name in assignment.names(ROOT):
        shutil.copytree(ROOT / "modules" / name, root / "modules" / name)
        release(Course(root, name, Console(quiet=True)))
    return root / "release"


CUT = re.compile(r"[^\n]*BEGIN (SOLUTION|HIDDEN TESTS)\n.*?END \1[^\n]*", re.DOTALL)


def lines(sources):
    return {line.strip() for source in sources for line in source.splitlines()}


def secrets(lab):
    """Return the lines that stand in a lab only where its release is cut."""
    hidden, open_to_all = [], []
    for cell in nbformat.read(lab, as_version=4).cells:
        is_solution = cell.metadata.get("nbgrader", {}).get("solution", False)
        if is_solution and not CUT.search(cell.source):
            hidden.append(cell.source)
        else:
            hidden += [match[0] for match in CUT.finditer(cell.source)]
            open_to_all.append(CUT.sub("", cell.source))
    return lines(hidden) - lines(open_to_all)


@pytest.mark.parametrize("lab", LABS, ids=lambda path: path.stem)
def test_no_solution_and_no_hidden_test_is_released(lab, real_release):
    released = (real_release / lab.parent.name / lab.name).read_text(encoding="utf-8")
    assert "SOLUTION" not in released
    assert "HIDDEN" not in released
    notebook = nbformat.reads(released, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert len(secrets(lab)) > 20
    assert secrets(lab) & lines(cell.source for cell in notebook.cells) == set()


def test_progress_is_told_by_notebook(tmp_path):
    for student, lab in (("ada", "01"), ("ada", "02"), ("bob", "01"), ("eve", "01")):
        path = tmp_path / "submitted" / student / "toy" / f"{lab}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    advance = Advance(Course(tmp_path, "toy", Console()))
    log = [
        ("Converting notebook /a course/submitted/ada/toy/01.ipynb", 0, "ada, 01"),
        ("Autograding /a course/autograded/ada/toy/01.ipynb", 0, "ada, 01"),
        ("Autograding /a course/autograded/ada/toy/02.ipynb", 1, "ada, 02"),
        ("Setting destination file permissions to 444", 2, ""),
        ("Skipping existing assignment: /a course/autograded/bob/toy", 3, ""),
        ("Autograding /a course/autograded/eve/toy/01.ipynb", 3, "eve, 01"),
        ("Setting destination file permissions to 444", 4, ""),
    ]
    for message, done, at in log:
        advance.read(message)
        assert (advance.done, advance.at) == (done, at), message


@pytest.mark.parametrize(
    ("number", "why"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "it lies where nothing can be written")],
)
def test_a_disk_that_takes_nothing_is_told_in_a_sentence(number, why, monkeypatch, capsys):
    error = OSError(number, os.strerror(number), "dist/.kit-1")
    many = shutil.Error([("a", "b", str(error))])
    for raised, where in ((error, "dist/.kit-1"), (many, "a folder")):

        def fail(assignment, raised=raised):
            raise raised

        monkeypatch.setattr(kit, "main", fail)
        assert main(["kit"]) == 1
        assert capsys.readouterr().err.startswith(f"error: {where}: {why}")


def test_a_disk_that_is_full_is_told_before_nbgrader_tells_of_its_database(
    course, run, monkeypatch
):
    def fail(dir):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{dir}/tmp1")

    monkeypatch.setattr(loop.tempfile, "TemporaryFile", fail)
    status, said = run()
    assert status == 1
    assert f"error: {course}: the disk is full; make room" in " ".join(said.split())
    assert "$ nbgrader" not in said


def test_an_error_that_is_no_disks_is_not_hidden(monkeypatch):
    def fail(assignment):
        raise FileNotFoundError(errno.ENOENT, "No such file", "dist/.kit-1")

    monkeypatch.setattr(kit, "main", fail)
    with pytest.raises(FileNotFoundError):
        main(["kit"])
