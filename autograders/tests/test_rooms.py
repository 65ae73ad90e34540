"""Imports run one way, from room to room; what this course alone needs is imported by nobody."""

import ast
from pathlib import Path

import autograders

HOME = Path(autograders.__file__).parent
# Each room leans on those before it, and on nothing behind it.
ORDER = (
    *("console", "grading", "layout", "students", "configuration"),
    *("batch", "platforms", "preflight", "report", "commands", "course"),
)
# Programs of their own, which nothing imports: what they measure is above them.
PROGRAMS = ("grading/cost.py",)


def imports(path):
    """Yield the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files():
    """Yield the files of the package by their room, tests and known answers left out."""
    for path in sorted(HOME.rglob("*.py")):
        place = path.relative_to(HOME)
        if not {"tests", "misconceptions", "files"} & set(place.parts[:-1]) and len(place.parts):
            room = place.parts[0].removesuffix(".py")
            if room not in ("__init__", "__main__", "tests"):
                yield room, place.as_posix(), path


def test_every_room_is_known():
    assert {room for room, *_ in files()} == set(ORDER)


def test_a_room_leans_on_those_before_it_alone():
    wrong = []
    for room, place, path in files():
        before = ORDER[: ORDER.index(room) + 1]
        for name in imports(path):
            package, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if package == "autograders" and other in ORDER and other not in before:
                wrong.append(f"{place} imports {name}")
    assert [one for one in wrong if not one.startswith(PROGRAMS)] == []
    assert wrong, "the programs lean on what is above them: or they need not be named"


def test_this_course_is_imported_by_its_own_room_alone():
    others = [
        f"{place} imports {name}"
        for room, place, path in files()
        for name in imports(path)
        if room != "course" and name.partition(".")[0] in ("tinytorch", "scipy", "sklearn")
    ]
    assert others == ["grading/crossing/codecs/sparse.py imports scipy.sparse"]
