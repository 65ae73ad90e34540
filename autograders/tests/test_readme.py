"""What README.md says is there is there: the files of its map, the commands that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The rows of the map from modules to files: | 01 tensor | `core/tensor.py` |
ROWS = re.findall(r"^\| (\d\d .*?) \| (.*?) \|$", README, flags=re.MULTILINE)


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
    named = re.findall(r"(?:`|^ {4})make ([a-z]+)", README, flags=re.MULTILINE)
    assert {"course", "test", "lab"} <= set(named) <= set(targets)
