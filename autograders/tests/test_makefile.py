"""The Makefile makes ``.venv/`` when that is due, and only then. Nothing is installed here."""

import json
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


def test_what_a_callers_shell_says_of_installing_is_not_heeded(course):
    """With PIP_USER, pip refuses to install into `.venv/`; with PIP_TARGET it goes elsewhere."""
    python = course / ".venv/bin/python"
    python.unlink()
    tell = "import json, os; json.dump({**os.environ}, open('told', 'w'))"
    python.write_text(
        f"#!/bin/sh\nreal='{sys.executable}'\n"
        f'if [ "$3" = install ]; then "$real" -c "{tell}"; else exec "$real" "$@"; fi\n'
    )
    python.chmod(0o755)
    os.utime(course / ".venv/installed", (0, 0))
    set_up = {"PIP_USER": "1", "PIP_TARGET": "t", "PIP_PREFIX": "p", "PYTHONPATH": "of others"}
    command = ["make", "environment"]
    subprocess.run(command, cwd=course, env={**os.environ, **set_up}, check=True)
    told = json.loads((course / "told").read_text())
    assert {name: told.get(name) for name in set_up} == {**dict.fromkeys(set_up), "PIP_USER": "0"}
