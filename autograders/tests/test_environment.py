"""The three lists of packages agree: pyproject.toml, environment.yml (conda), constraints.txt."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tinytorch import assignment

ROOT = Path(__file__).parents[2]
EXTRAS = ("lab", "grading", "cluster", "test")  # the others are installed when they are needed


def bounds(requirements):
    """Map each package to its version bounds; one listed twice must be listed alike."""
    found = {}
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        specifier = str(requirement.specifier)
        assert found.setdefault(name, specifier) == specifier, f"{name} has two different bounds"
    return found


def from_pyproject(text, extras=EXTRAS):
    project = tomllib.loads(text)["project"]
    extras = [r for extra in extras for r in project["optional-dependencies"][extra]]
    return bounds([*project["dependencies"], *extras])


def tried(text):
    """Return the Pythons of pyproject.toml, as in 3.11."""
    classifiers = tomllib.loads(text)["project"]["classifiers"]
    return [name.rpartition(" ")[2] for name in classifiers if "Python :: 3." in name]


def from_environment(text):
    """Conda's own packages; pip is there to install the course, and only the course."""
    dependencies = yaml.safe_load(text)["dependencies"]
    packages = [d for d in dependencies if isinstance(d, str)]
    assert [d for d in dependencies if not isinstance(d, str)] == [{"pip": ["-e ."]}]
    packages = [p for p in packages if p != "pip" and not p.startswith("python=")]
    assert len(packages) == len(set(packages)), "a package is listed twice"
    return bounds(packages)


@pytest.fixture
def pyproject():
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture
def environment():
    return (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_conda_environment_equals_pyproject(pyproject, environment):
    assert from_environment(environment) == from_pyproject(pyproject)


def test_conda_and_binder_take_a_python_that_was_tried(pyproject, environment):
    """Binder's repo2docker took 3.10 for python>=3.11: it reads one number behind `=`."""
    python, *others = re.findall(r"^  - python\b(.*)$", environment, flags=re.MULTILINE)
    assert re.fullmatch(r"=(3\.\d+)", python)[1] in tried(pyproject)
    assert others == []


def test_binder_releases_every_assignment():
    released = re.findall(
        r"^nbgrader generate_assignment (\S+)$", (ROOT / "postBuild").read_text(), re.M
    )
    assert released == assignment.names(ROOT)


def test_every_list_of_pythons_is_that_of_pyproject(pyproject):
    pythons = tried(pyproject)
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == pythons
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"Python {pythons[0]} to {pythons[-1]}" in readme
    assert f"Python {pythons[0]}-{pythons[-1]}" in readme


@pytest.mark.parametrize("minor", [10, 99])
def test_a_python_that_was_not_tried_is_refused_in_a_sentence(minor, tmp_path):
    """On one that is too new pip found no wheels of NumPy and SciPy, and began to compile."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] || {{ echo Python 3.{minor}.0; exit; }}\n'
        f"exec '{sys.executable}' -c "
        f"'import sys; sys.version_info = (3, {minor}, 0); exec(sys.argv[1])' \"$2\"\n"
    )
    python.chmod(0o755)
    made = subprocess.run(
        ["make", "environment", f"PYTHON={python}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode != 0
    assert re.search(r"needs Python 3\.11 to 3\.\d+, but .* says: Python 3\.\d+\.0\.", made.stderr)
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("listed", "instead"),
    [
        ("  - rich>=13.7\n", ""),
        ("  - rich>=13.7\n", "  - rich>=13.7\n  - polars>=2\n"),
        ("  - rich>=13.7\n", "  - rich>=14\n"),
        ("  - rich>=13.7\n", "  - rich\n"),
    ],
    ids=["missing", "surplus", "other bound", "no bound"],
)
def test_difference_is_seen(listed, instead, pyproject, environment):
    assert listed in environment
    changed = environment.replace(listed, instead)
    assert from_environment(changed) != from_pyproject(pyproject)


def test_constraints_pin_everything_listed_within_its_bounds(pyproject):
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9_-]+==[0-9][0-9a-z.]*", pin)] == []
    versions = {canonicalize_name(name): version for name, version in (p.split("==") for p in pins)}
    listed = from_pyproject(pyproject, (*EXTRAS, "browser", "hub", "mutants", "site"))
    outside = [
        f"{name}{bound}"
        for name, bound in listed.items()
        if versions.get(name, "0") not in SpecifierSet(bound)
    ]
    assert outside == []
