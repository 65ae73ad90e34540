"""What README.md and CONTRIBUTING.md say is there is there: files, links, commands, versions."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
SAYING_OPTIONS = (
    "autograders/README.md",
    "autograders/grading/sandbox/bubblewrap.py",
    ".devcontainer/devcontainer.json",
)
# The rows of the map from modules to files: | 01 tensor | `core/tensor.py` |
ROWS = re.findall(r"^\| (\d\d .*?) \| (.*?) \|$", CONTRIBUTING, flags=re.MULTILINE)


def container():
    """Return what a container for developing is made by, without the remarks."""
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    return re.sub(r"^ *//.*\n", "", text, flags=re.MULTILINE)


def test_map_covers_modules_1_to_17():
    numbers = [int(number) for row, _ in ROWS for number in re.findall(r"\d\d", row)]
    assert sorted(numbers) == list(range(1, 18))


@pytest.mark.parametrize(("row", "files"), ROWS)
def test_mapped_files_exist_unless_they_are_to_come(row, files):
    paths = [ROOT / "tinytorch" / name for name in re.findall(r"`(.+?)`", files)]
    there = [path.is_file() or any(path.glob("*.py")) for path in paths]
    assert there == ["(to come)" not in files] * len(paths)


def test_every_make_target_named_is_a_target():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    pattern = r"(?:[`\"]|^ {4})make ([a-z]+)"
    named = re.findall(pattern, README + CONTRIBUTING + container(), flags=re.MULTILINE)
    assert {"course", "test", "lab", "environment"} <= set(named) <= set(targets)


def test_containers_are_started_with_the_same_options_wherever_that_is_said():
    """Podman under Debian's AppArmor forbade the sandbox's mounts, for one option was missing."""
    pages = {name: (ROOT / name).read_text(encoding="utf-8") for name in SAYING_OPTIONS}
    said = {name: set(re.findall(r"(\w+=unconfined)", text)) for name, text in pages.items()}
    options = {"seccomp=unconfined", "systempaths=unconfined", "apparmor=unconfined"}
    assert said == dict.fromkeys(SAYING_OPTIONS, options)


@pytest.mark.parametrize(
    "page", ["README.md", *(f".github/{p.name}" for p in ROOT.glob(".github/*.md"))]
)
def test_links_lead_to_files(page):
    path = ROOT / page
    for link in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        of_github = link.startswith("../../codespaces/")  # beside the repository's page there
        assert of_github or "://" in link or (path.parent / link).is_file(), link


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("citation-file-format", "CITATION.cff"),
        ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
        ("github-workflows", ".github/workflows/*.yml"),
    ],
)
def test_what_others_read_has_the_form_that_they_ask_for(schema, files):
    """By the published schemas, which check-jsonschema brings along."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    found = sorted(map(str, ROOT.glob(files)))
    assert found
    checked = subprocess.run([*command, *found], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_a_container_has_a_python_that_was_tried_and_bubblewrap():
    asked = json.loads(container())
    version = re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:(3\.\d+)-\w+", asked["image"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]
    assert "bubblewrap" in asked["onCreateCommand"]


def test_the_first_page_has_a_button_for_each_place_in_the_cloud():
    """Neither knows the repository's address: one is relative to its page, one leads to a form."""
    buttons = dict(re.findall(r"^\[!\[Open \w+ (.+?)\]\(.*?\)\]\((.+?)\)$", README, re.MULTILINE))
    assert buttons == {
        "GitHub Codespaces": "../../codespaces/new?hide_repo_select=true",
        "Binder": "https://mybinder.org/",
    }


def test_there_is_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    changes = (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## (\S+)$", changes, flags=re.MULTILINE)[1]
    assert (project["version"], project["version"]) == (cited, latest)
