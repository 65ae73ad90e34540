"""What ``timestamp.txt`` says, whoever wrote it; without a time, work is graded all the same."""

from datetime import datetime

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp

from autograders.grading import times
from autograders.tests import pretend
from autograders.tests.batch_runs import grade

NOON = datetime(2026, 1, 3, 12)
READ = {
    "as nbgrader writes it": b"2026-01-03 12:00:00.000000 UTC",
    "with a byte-order mark": b"\xef\xbb\xbf2026-01-03 12:00:00 UTC\r\n",
    "in UTF-16": "2026-01-03 12:00:00 UTC\r\n".encode("utf-16"),
    "with an offset": b"2026-01-03T14:00:00+02:00",
}
NONE = ["yesterday", "0000-00-00 00:00:00 UTC", "1795000000", "\ud800"]


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_a_time_is_read(content, tmp_path):
    (tmp_path / "timestamp.txt").write_bytes(content)
    assert times.read(tmp_path) == NOON


def test_nothing_is_no_time(tmp_path):
    assert times.read(tmp_path) is None
    (tmp_path / "timestamp.txt").write_text(" \n")
    assert times.read(tmp_path) is None


@pytest.mark.parametrize("content", NONE)
def test_what_is_no_time_is_quoted(content, tmp_path):
    (tmp_path / "timestamp.txt").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ValueError, match=r"^'"):
        times.read(tmp_path)


@pytest.mark.parametrize("way", ["plain", "batch"])
def test_nobody_is_left_out_for_it(way, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PRETEND_LOG", str(tmp_path / "log"))
    pretend.make(tmp_path, ["ada", "bob", "cy"])
    for student, content in {"bob": "yesterday", "cy": "2099-01-01 12:00:00 UTC"}.items():
        (tmp_path / "submitted" / student / "tiny/timestamp.txt").write_text(content)
    for _ in range(2):
        if way == "batch":
            said = "\n".join(grade(tmp_path)[0].said)
        else:
            pretend.nbgrader(tmp_path, AutogradeApp, "tiny", level="WARN")
            said = capfd.readouterr().err
        assert said.count("bob/tiny/timestamp.txt: 'yesterday' is no time, so nobody counts") == 1
        assert said.count("cy/tiny/timestamp.txt: 2099-01-01 12:00:00 is still to come") == 1
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", "tinytorch") as gradebook:
        found = {one.student.id: one.timestamp for one in gradebook.assignment_submissions("tiny")}
    assert found["bob"] is None
    assert found["cy"] == datetime(2099, 1, 1, 12)
    assert found["ada"] is not None
