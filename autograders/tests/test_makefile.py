"""The Makefile makes ``.venv/`` when that is due, and only then. Nothing is installed here."""

import os
import shutil
import subprocess
import sys

import pytest

from autograders.course import ROOT


@pytest.fixture
def course(tmp_path):
    """A folder with a space in its path that has the Makefile and a `.venv/` that is made."""
    folder = tmp_path / "a course"
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / ".venv/installed").write_text(f"{folder}\n")
    return folder


def installs(course):
    """Return whether `make environment` would install, and what it says of errors."""
    command = ["make", "--dry-run", "environment"]
    planned = subprocess.run(command, cwd=course, capture_output=True, text=True, check=True)
    return "-m pip install" in planned.stdout, planned.stderr


def test_what_is_made_is_left_alone(course):
    assert installs(course) == (False, "")


def test_what_was_moved_is_made_anew(course):
    moved = course.rename(course.with_name("elsewhere"))
    assert installs(moved) == (True, "")


def test_what_has_lost_its_python_is_made_anew(course):
    (course / ".venv/bin/python").unlink()
    (course / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert installs(course) == (True, "")


def test_new_lists_of_packages_are_installed(course):
    os.utime(course / ".venv/installed", (0, 0))
    assert installs(course) == (True, "")
