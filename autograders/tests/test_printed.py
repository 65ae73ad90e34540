"""Nothing that a student wrote forges a line of what is printed, or a formula in a table."""

import csv
import io
import logging
import zipfile

import pytest
from rich.console import Console

from autograders.batch.outcome import Look, Outcome, Status, Stop
from autograders.batch.screen import Screen
from autograders.grading import settings, summary
from autograders.platforms import collect
from autograders.report.page import write_csv
from autograders.tests.conftest import ROOT

FORGED = "died\x1b[1A\x1b[2K\r\nhonest, 01_toy: 10 of 10\x07 \x9b2J \u202e \u2028 [red]x[/red]"


def plain(text):
    """Make sure that there is nothing in a text that a terminal would obey."""
    assert not any(c for c in text if c != "\n" and not c.isprintable()), repr(text)
    assert not [line for line in text.splitlines() if line.strip().startswith("honest")]
    assert "died\\x1b[1A\\x1b[2K\\r\\n" in text.replace("\n", "").replace(" ", "")


def test_the_summary_that_nbgrader_ends_with(capsys, caplog, monkeypatch):
    monkeypatch.setattr(summary, "_looks", {})
    with caplog.at_level(logging.WARNING):
        summary.tell(logging.getLogger("x"), "ada", "01_toy", "", FORGED)
    summary._tell_summary()
    plain(capsys.readouterr().out)
    plain(caplog.messages[0])


def test_what_the_large_class_shows():
    console = Console(file=io.StringIO(), width=400, force_terminal=False)
    screen = Screen(console, "grade")
    look = Look("01_toy", "", FORGED)
    screen.done(Outcome("ada", Status.DONE, looks=(look,), cells=(("01_toy", FORGED, 1.0),)))
    screen.done(Outcome("bob", Status.FAILED, error=FORGED))
    screen.trouble(FORGED)
    screen.end(Stop(FORGED))
    plain(console.file.getvalue())


def test_what_collecting_says(tmp_path, monkeypatch):
    (tmp_path / "modules/toy").mkdir(parents=True)
    (tmp_path / "modules/toy/01_toy.ipynb").write_text("{}")
    (tmp_path / "downloads").mkdir()
    settings.copy(ROOT, tmp_path)
    name = FORGED.replace("/", "")
    with zipfile.ZipFile(tmp_path / "downloads" / f"{name}.zip", "w") as archive:
        archive.writestr(name, "")
    console = Console(file=io.StringIO(), width=400)
    collect.main(tmp_path / "downloads", tmp_path, console)
    plain(console.file.getvalue())


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_a_table_holds_no_formula(begin, tmp_path):
    write_csv(tmp_path / "x.csv", iter([[f"{begin}cmd|' /C calc'!A0", -1.5, "ada\r=1\t\x1b"]]))
    with (tmp_path / "x.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            [f"'{begin}cmd|' /C calc'!A0", "-1.5", "ada\\r=1\\t\\x1b"]
        ]
