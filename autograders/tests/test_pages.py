"""The commands and examples that the pages show are run as they stand there."""

import ast
import doctest
import io
import os
import re
import shlex
import zipfile
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp
from rich.console import Console
from traitlets.config import Configurable

from autograders import students
from autograders.__main__ import main
from autograders.commands import _parser
from autograders.course import ROOT
from autograders.course import commands as course_commands
from autograders.course.answers.runner import fill_in
from autograders.course.site import ANY, texts
from autograders.platforms import collect

PAGE = (ROOT / "autograders" / "README.md").read_text(encoding="utf-8")
PARTS = texts.parts(ROOT / "autograders" / "README.md")
TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def blocks(page):
    """Return the commands of each indented block, with the paragraph before it."""
    paragraphs = page.split("\n\n")
    return [
        (before, [line.strip() for line in block.splitlines()])
        for before, block in zip(paragraphs, paragraphs[1:], strict=False)
        if block.startswith("    ")
    ]


def section(title):
    return blocks(re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:][TITLES.index(title)])


COMMANDS = sorted({*re.findall(r"python -m autograders ([a-z][^`\n]*)", PAGE)})
SETTINGS = re.compile(r"\bc\.([A-Z]\w+)\.(\w+)")
HUB = ["--instructor", "anna", "--students", "students"]  # set up in browser/test_hub.py
TITLES = re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE)


@pytest.fixture
def term(course, toy_lab, monkeypatch):
    """A course of one lab, an exchange and a student's folder, to run a page's commands in."""
    (course / "modules/toy/02_toy.ipynb").unlink()
    student = course / "student"
    exchange = course / "exchange"
    for folder in (student, exchange):
        folder.mkdir()
    exchange.chmod(0o777)
    where = f"\nc.Exchange.root = {str(exchange)!r}\n"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(where)
    (student / "nbgrader_config.py").write_text("c = get_config()" + where)
    (course / "students.csv").write_text("id,first_name,last_name,email\nada,Ada,King,\n")
    monkeypatch.setenv("USER", "ada")

    def run(title):
        ran = []
        for before, commands in section(title):
            folder = student if before.lstrip().startswith("A student") else course
            if "python -m autograders collect downloads" in commands:
                hand_in(course, toy_lab)
            for command in commands:
                if execute(command.replace("17_compression", "toy"), folder, course):
                    ran.append(command)
                if "fetch_assignment" in command:
                    answer(student / "toy" / "01_toy.ipynb", toy_lab)
        return ran

    return course, run


def execute(command, folder, course):
    """Run a command of a page; return whether it was one that can be run here."""
    program, *arguments = shlex.split(command)
    if program == "make":
        assert arguments[0] in TARGETS
        return False
    if program in ("apt-get", "adduser", "addgroup"):
        return False
    if program == ".venv/bin/python":
        assert arguments == ["-m", "autograders", "hub", *HUB]
        return False
    if program == "python":
        assert arguments[:2] == ["-m", "autograders"]
        console = Console(file=io.StringIO(), record=True)
        if arguments[2] == "students":
            assert students.main(course / arguments[3], course, console) == 0
            return True
        assert arguments[2] == "collect"
        assert collect.main(course / arguments[3], course, console) == 0
        return True
    assert program == "nbgrader"
    log = course / "log"
    process = get_context("fork").Process(target=nbgrader, args=(arguments, folder, log))
    process.start()
    process.join()
    assert process.exitcode == 0, f"{command}\n{log.read_text()}"
    return True


def nbgrader(arguments, folder, log):
    """Do what the program does; importing it anew for every command would take minutes."""
    os.chdir(folder)
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    NbGraderApp.launch_instance(arguments)


def answer(lab, source):
    nbformat.write(fill_in(nbformat.read(lab, as_version=4), source), lab)


def hand_in(course, source):
    (course / "downloads").mkdir()
    released = course / "release/toy/01_toy.ipynb"
    text = nbformat.writes(fill_in(nbformat.read(released, as_version=4), source))
    archive = course / "downloads/toy--ada--20251101T120000Z.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("01_toy.ipynb", text)


def points(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions("toy")}


def test_a_term_by_zips(term):
    course, run = term
    assert len(run("A term, from release to grades")) == 11
    assert points(course) == {"ada": 6}
    assert "ada" in (course / "grades.csv").read_text()
    assert (course / "feedback/ada/toy/01_toy.html").is_file()


def test_a_term_on_a_hub(term):
    course, run = term
    assert len(run("With JupyterHub")) == 10
    (score,) = points(course).values()
    assert score == 6
    assert list((course / "student/toy/feedback").rglob("01_toy.html"))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_typed_is_understood(command):
    words = shlex.split(command, comments=True)
    if len(words) > 1:
        assert _parser(course_commands).parse_args(words).command == words[0]
        return
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])


def test_modules_that_are_run_are_there():
    named = re.findall(r"python -m (autograders\.[\w.]+)", PAGE)
    assert "autograders.grading.cost" in named
    assert [name for name in named if find_spec(name) is None] == []


def configurable():
    """Return every class that has settings, by name, once what the grader consists of is there."""
    for module in ("commands", "configuration", "grading.judge.process", "report.class_results"):
        import_module(f"autograders.{module}")
    found, todo = {}, [Configurable]
    while todo:
        todo += (one := todo.pop()).__subclasses__()
        found[one.__name__] = one
    return found


def test_settings_that_are_named_are_there():
    named, classes = SETTINGS.findall(PAGE), configurable()
    assert len(named) > 30
    assert [one for one in named if one[1] not in classes[one[0]].class_traits()] == []


def test_limits_are_as_in_any_course():
    classes = configurable()
    table = texts.sections(PARTS[ANY])["Limits"]
    rows = re.findall(r"^\| (`c\..*?) \| (.*?) \|", table, flags=re.MULTILINE)
    assert len(rows) > 10
    for named, values in rows:
        settings = SETTINGS.findall(named)
        given = [ast.literal_eval(value.strip("`")) for value in values.split(", ")]
        found = [getattr(classes[name], trait).default_value for name, trait in settings]
        assert found == given * (1 if len(given) > 1 else len(found)), named


def test_the_pattern_of_integration_on_the_students_page_is_true():
    page = str(ROOT / "modules" / "README.md")
    failed, tried = doctest.testfile(page, module_relative=False)
    assert tried > 10
    assert failed == 0


def test_the_students_commands_are_those_of_the_kit():
    page = (ROOT / "modules" / "README.md").read_text(encoding="utf-8")
    words = re.findall(r"python3 start\.py ?(\w*)", page)
    launch = (ROOT / "autograders/course/kit/files/launch.py").read_text(encoding="utf-8")
    assert set(words) == {"", "checkpoint", "export", "submit"}
    assert all(f'\n    "{word or "lab"}": ' in launch for word in words)
