"""Settings that cannot be read, or are in force by half: nothing may be graded or shown."""

import json
import os
import shutil
import subprocess
import sys
from unittest.mock import patch

import nbformat
import pytest
from nbgrader.apps import GenerateFeedbackApp, NbGraderAPI, ValidateApp
from nbgrader.converters import NbGraderException
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from traitlets.config import Config

from autograders.batch.command import load
from autograders.batch.outcome import BatchError
from autograders.grading.settings import BESIDE, FILES, why_closed
from autograders.tests.synthetic_class import release

STOCK = "from nbgrader.preprocessors import Execute, GetGrades, SaveAutoGrades\n"
BROKEN = {
    "a package that is missing": "import a_package_that_nobody_has\n",
    "a mistake in the syntax": "def (\n",
    "an exception": "1 / 0\n",
    "the stock execution": f"{STOCK}c.Autograde.autograde_preprocessors = [Execute]\n",
    "the stock execution too": f"{STOCK}c.Autograde.autograde_preprocessors.insert(0, Execute)\n",
    "no cells put back": "c.Autograde.sanitize_preprocessors.pop(1)\n",
    "the stock exporter": 'c.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"\n',
    "the stock feedback": f"{STOCK}c.GenerateFeedback.preprocessors = [GetGrades]\n",
    "the stock pages": "del c.HTMLExporter.preprocessors\n",
    "the stock exchange": "del c.ExchangeFactory.collect\n",
}
MARK = "print(open('/etc/hostname').read(), file=open({!r}, 'w'))"


@pytest.fixture
def handed_in(course):
    """Return the course with a submission that leaves a mark outside of any sandbox.

    Its folders are laid out so that nbgrader finds everything under stock settings, too.
    """
    shutil.copytree(course / "modules", course / "source")
    home = course / "submitted" / "ada" / "toy"
    shutil.copytree(course / "modules" / "toy", home)
    notebook = nbformat.read(home / "01_toy.ipynb", as_version=4)
    notebook.cells[1].source = MARK.format(str(course / "escaped"))
    nbformat.write(notebook, home / "01_toy.ipynb")
    return course


def more(course, text):
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write(text)


def run(course, *arguments):
    """Run a command that has to fail; return what it says."""
    done = subprocess.run(arguments, cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert not (course / "escaped").exists()
    assert not list(course.glob("autograded/*/*/*")) + list(course.glob("feedback/*/*/*"))
    return done.stdout + done.stderr


@pytest.mark.parametrize("why", ["a package that is missing", "a mistake in the syntax"])
def test_nothing_is_graded_with_settings_that_cannot_be_read(why, handed_in):
    release(handed_in, "toy").close()
    more(handed_in, BROKEN[why])
    said = run(handed_in, "nbgrader", "autograde", "toy")
    assert "Nothing was graded or shown: nbgrader_config.py is not in force" in said
    assert "a_package_that_nobody_has" in said or "SyntaxError" in said
    for step in ("grade", "feedback"):
        said = run(handed_in, sys.executable, "-m", "autograders", step, "toy")
        assert "nbgrader_config.py is not in force" in " ".join(said.split())
    home = handed_in / "autograded" / "ada"
    home.mkdir(parents=True)
    (handed_in / "submitted" / "ada" / "toy").rename(home / "toy")
    done = subprocess.run(
        ["nbgrader", "generate_feedback", "toy"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, (handed_in / "feedback").exists()) == (1, False)
    assert "nbgrader_config.py is not in force" in done.stderr


def test_the_course_is_named_from_elsewhere(handed_in, tmp_path_factory):
    more(handed_in, BROKEN["a mistake in the syntax"])
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        ["nbgrader", "autograde", "toy", f"--course-dir={handed_in}"],
        cwd=elsewhere, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "nbgrader_config.py is not in force" in done.stderr
    assert not (handed_in / "autograded").exists()


@pytest.mark.parametrize("why", BROKEN)
def test_neither_the_formgrader_nor_its_buttons_work(why, handed_in):
    more(handed_in, BROKEN[why])
    extension = FormgradeExtension()
    extension.root_dir = str(handed_in)
    extension.initialize([])
    with pytest.raises(NbGraderException, match="Nothing was graded or shown"):
        extension.init_tornado_settings(None)
    answer = NbGraderAPI(extension.coursedir, parent=extension).autograde("toy", "ada")
    assert not answer["success"]
    assert "Nothing was graded or shown" in answer["log"]
    assert not (handed_in / "autograded" / "ada").exists()
    assert not (handed_in / "escaped").exists()


@pytest.mark.parametrize("why", [None, "a mistake in the syntax"])
def test_validate_runs_nothing_either(why, course, toy_lab):
    if why:
        more(course, BROKEN[why])
    toy_lab.cells = [toy_lab.cells[1]]
    toy_lab.cells[0].source = MARK.format(str(course / "escaped"))
    nbformat.write(toy_lab, course / "mine.ipynb")
    app = ValidateApp()
    app.initialize(["mine.ipynb"])
    if why:
        # nbgrader leaves a variable behind
        with patch.dict(os.environ), pytest.raises(SystemExit) as end:
            app.start()
        assert end.value.code == 1
    else:
        app.start()
    assert (course / "escaped").exists() == (why is None)


@pytest.mark.parametrize("why", BROKEN)
def test_the_batch_refuses(why, course):
    more(course, BROKEN[why])
    with pytest.raises(BatchError, match="Nothing was graded or shown"):
        load("grade", "toy")


def test_the_second_file_is_missed(course):
    (course / FILES[1]).write_text("{}")
    with pytest.raises(BatchError, match=r"nbgrader_config\.json, which belongs beside"):
        load("grade", "toy")
    assert (course / FILES[1]).read_text() == "{}", "nobody's own settings are overwritten"


def test_the_second_file_is_written_where_there_is_none(course):
    as_stored = json.loads((course / FILES[1]).read_text())
    (course / FILES[1]).unlink()
    load("grade", "toy")
    assert json.loads((course / FILES[1]).read_text()) == as_stored == BESIDE


def test_where_it_cannot_be_written_nothing_is_graded(course):
    (course / FILES[1]).unlink()
    (course / FILES[1]).symlink_to(course / "nowhere" / "else")
    with pytest.raises(BatchError, match=r"nbgrader_config\.json, which belongs beside"):
        load("grade", "toy")


def test_what_is_missing_is_named(course):
    more(course, BROKEN["the stock execution"])
    with pytest.raises(BatchError) as failure:
        load("grade", "toy")
    assert "c.Autograde.autograde_preprocessors lacks SandboxedExecute" in str(failure.value)
    assert "has Execute, which knows no sandbox" in str(failure.value)


def test_a_subclass_of_ones_own_is_welcome(course):
    more(
        course,
        "from autograders.grading.execute import SandboxedExecute\n\n"
        "class Mine(SandboxedExecute):\n    pass\n\n\n"
        "c.Autograde.autograde_preprocessors[0] = Mine\n",
    )
    app = GenerateFeedbackApp()
    app.initialize([])
    assert why_closed(app.config) == ""


def test_a_course_of_somebody_else_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("1 / 0\n")
    app = GenerateFeedbackApp()
    app.initialize([])
    assert app.config.get("Exporter", Config()) == {}
