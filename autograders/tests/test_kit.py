"""The student's kit: what is in it and what is not, and a student's way through it."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile

import nbformat
import pytest
import yaml
from rich.console import Console

from autograders.course import ROOT
from autograders.course.answers.runner import LABS, fill_in
from autograders.course.kit import build, main, solutions
from autograders.course.misconceptions import collect
from autograders.grading import settings
from autograders.tests.conftest import toy_notebook
from autograders.tests.test_course import lines, secrets
from tinytorch.assignment import names, read
from tinytorch.optimization import compression
from tinytorch.submit import pack

PART_ONE = LABS[0].parent.name


@pytest.fixture(scope="module", params=names(ROOT))
def assignment(request):
    return request.param


@pytest.fixture(scope="module")
def labs(assignment):
    return [lab for lab in LABS if lab.parent.name == assignment]


@pytest.fixture(scope="module")
def kit(assignment, tmp_path_factory):
    """The kit, unpacked from its zip in a folder whose name is not plain."""
    home = tmp_path_factory.mktemp("a student's foldér")
    folder = build(ROOT, assignment, home / "dist")
    with zipfile.ZipFile(f"{folder}.zip") as archive:
        archive.extractall(home)
    return home / folder.name


@pytest.fixture(scope="module")
def texts(kit):
    files = sorted(path for path in kit.rglob("*") if path.is_file())
    return {path.relative_to(kit).as_posix(): path.read_text("utf-8", "replace") for path in files}


# What is in it


def test_a_student_finds_what_a_student_needs(texts, kit, labs):
    assert {name.split("/")[0] for name in texts} == {
        "START.md", "README.md", "start.py", "launch.py", "labs", "tinytorch", "checkpoints",
        "pyproject.toml", "constraints.txt", "environment.yml", "LICENSE",
    }  # fmt: skip
    given = [path.name for path in sorted(kit.glob("labs/*"))]
    assert given == [*(lab.name for lab in labs), "assignment.toml"]
    stack = {name for name in texts if name.startswith("tinytorch/")}
    assert {"tinytorch/export.py", "tinytorch/submit.py", "tinytorch/course.mplstyle"} <= stack
    assert not any("test_" in name or "__pycache__" in name for name in stack)


def test_the_zip_and_the_folder_are_the_same(kit, texts):
    folder = kit.parent / "dist" / kit.name
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {*texts}
    assert all((folder / name).read_bytes() == (kit / name).read_bytes() for name in texts)


def test_its_lists_of_packages_are_the_courses(kit):
    course = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = tomllib.loads((kit / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {*course["dependencies"], *course["optional-dependencies"]["lab"]} < {*listed}
    conda = yaml.safe_load((kit / "environment.yml").read_text())
    assert conda["dependencies"] == [
        f"python{course['requires-python']}",
        *listed,
        "pip",
        {"pip": ["-e ."]},
    ]
    pins = (kit / "constraints.txt").read_text()
    assert all(re.search(rf"^{re.split('[>=]', name)[0]}==", pins, re.MULTILINE) for name in listed)


def test_what_lab_08_leans_on_is_in_it(texts):
    for agreement in ("Masks", "In place", "Sharing is identity", "Zero is exactly zero"):
        assert f"**{agreement}.**" in texts["README.md"]
    assert "**Nothing is left behind.**" in texts["README.md"]
    assert "## When something goes wrong" in texts["README.md"]
    assert "nstructors" not in texts["README.md"].replace("instructor's", "")


def test_the_page_names_what_is_there(texts, labs, assignment):
    page = texts["START.md"]
    assert len(page.splitlines()) < 60
    assert "[" not in page
    assert f"Begin with `{labs[0].name}`" in page
    assert ("What labs 01 to 08 export is there already." in page) == (assignment != PART_ONE)
    assert "python3 start.py checkpoint" in page
    for name in re.findall(r"[\w/]+\.(?:ipynb|py|yml)", page):
        assert any(path.endswith(name) for path in texts), name


# What others say: the shell, Python, Windows, a browser.
OTHERS = {
    "python3: command not found", "Fatal Python error", "access denied", "NameError",
    "partially initialized module",
}  # fmt: skip


def test_what_the_guide_quotes_is_what_is_said(texts):
    guide = texts["README.md"].partition("## When something goes wrong")[2].partition("\n## ")[0]
    seen = [row.split("|")[1] for row in guide.splitlines() if row.startswith("| ")]
    quoted = {part for cell in seen for part in re.findall(r"`(.+?)`", cell)}
    python = "\n".join(text for name, text in texts.items() if name.endswith(".py"))
    said = re.sub(r'"\s*f?"', "", re.sub(r"%s|\{[^{}]*\}", "3.11", python))
    unsaid = {
        quote
        for quote in quoted - OTHERS
        if not all(part.strip() in said for part in quote.split("..."))
    }
    assert len(quoted) > 12
    assert unsaid == set()


# What is not


def test_no_solution_is_in_it(texts, assignment):
    left_out = solutions(ROOT, [assignment])
    assert {f"tinytorch/{path.as_posix()}" for path in left_out} & {*texts} == set()
    for name, text in texts.items():
        if name != "tinytorch/export.py":  # which cuts the markers out
            assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN)", text), name


def test_no_line_of_a_solution_or_hidden_test_is_in_it(labs, texts, kit):
    # The stack is what it is in the course; solutions and tests may well quote it.
    others = [text for name, text in texts.items() if not name.startswith(("labs/", "tinytorch/"))]
    for lab in labs:
        released = nbformat.read(kit / "labs" / lab.name, as_version=4)
        assert secrets(lab) & lines(cell.source for cell in released.cells) == set()
        assert not any(cell.get("outputs") for cell in released.cells)
        telling = {
            line
            for line in secrets(lab)
            if len(line) > 40 and not line.startswith("from tinytorch")
        }
        assert telling & lines(others) == set()


EXPORTED_FROM = re.compile(r"^# exported from modules/(.*)/.*\.ipynb$", re.MULTILINE)


def test_the_stack_is_the_courses_with_what_earlier_labs_export(texts, assignment):
    given = set()
    for name, text in texts.items():
        if name.startswith("tinytorch/"):
            assert text == (ROOT / name).read_text("utf-8", "replace")
            given |= {*EXPORTED_FROM.findall(text)}
    assert given == {name for name in names(ROOT) if name < assignment}


# A student's way


@pytest.fixture(scope="module")
def student(kit):
    """Return a function that runs Python in the kit as an installed kit would."""

    def run(*arguments, folder=""):
        environment = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST")}
        finished = subprocess.run(
            [sys.executable, *arguments],
            cwd=kit / folder,
            env={**environment, "PYTHONPATH": str(kit), "MPLBACKEND": "agg"},
            capture_output=True,
            text=True,
            check=False,
        )
        return finished.returncode, finished.stdout + finished.stderr

    return run


only_part_one = pytest.mark.parametrize("assignment", [PART_ONE], indirect=True, scope="module")


def answer(kit, lab, replacing=None):
    released = nbformat.read(kit / "labs" / lab.name, as_version=4)
    nbformat.write(fill_in(released, nbformat.read(lab, 4), replacing), kit / "labs" / lab.name)


@only_part_one
def test_from_the_first_lab_to_the_checkpoint(kit, labs, student):
    ask = "from tinytorch.optimization.compression import {}; print({}.__module__)"
    status, said = student("-c", ask.format(*["magnitude_prune"] * 2))
    assert status == 1
    assert "magnitude_prune is not there yet: finish lab 02_magnitude_pruning.ipynb" in said

    status, said = student("-m", "tinytorch.export", LABS[0].name, folder="labs")
    assert status == 1
    assert "not finished yet" in said
    assert "nothing was changed" in said
    status, said = student("-m", "tinytorch.export", "99_nothing.ipynb", folder="labs")
    assert "there is no lab 99_nothing.ipynb" in said

    for lab in labs:
        answer(kit, lab)
    exporting = [lab.name for lab in labs if "default_exp" in lab.read_text(encoding="utf-8")]
    status, said = student("-m", "tinytorch.export", *exporting, folder="labs")
    assert status == 0, said
    status, said = student("-c", ask.format(*["magnitude_prune"] * 2))
    assert said == "tinytorch.optimization.compression.magnitude\n"

    section = ["-m", "pytest", "-q", "checkpoints", "-k"]
    status, said = student(*section, "exactly_the_smallest")
    assert status == 0, said

    wrong = next(a for a in collect(LABS[1].stem) if a.name == "largest_dropped")
    answer(kit, LABS[1], {cell: f"#| export\n{code}" for cell, code in wrong.cells.items()})
    assert student("-m", "tinytorch.export", LABS[1].name, folder="labs")[0] == 0
    status, said = student(*section, "exactly_the_smallest")
    assert status == 1
    assert "What does not hold yet, and the lab to go back to:\n  02_magnitude_pruning" in said

    module = kit / "tinytorch/optimization/compression/magnitude.py"
    module.write_text(
        module.read_text().replace("def magnitude_prune", "# mine\ndef magnitude_prune")
    )
    edited = module.read_text()
    status, said = student("-m", "tinytorch.export", LABS[1].name, folder="labs")
    assert status == 1
    assert "magnitude was edited by hand since it was exported. Carry the edits over" in said
    assert module.read_text() == edited
    module.unlink()

    status, said = student("-c", ask.format(*["sparsity_schedule"] * 2))
    assert "is not there yet: finish lab 02_magnitude_pruning.ipynb" in said

    status, said = student("-m", "tinytorch.submit", "Zoë Ångström")
    assert status == 0
    assert list(kit.glob(f"{PART_ONE}--Zoë Ångström--*.zip"))


def test_start_says_what_it_can_do(student):
    status, said = student("start.py", "--help")
    assert status == 0
    assert "start.py checkpoint" in said
    status, said = student("start.py", "sumbit")
    assert status == 2
    assert "start.py knows no 'sumbit'." in said


def test_every_exported_module_is_left_out_until_a_later_assignment_is_taught():
    written = {path.name for path in (ROOT / "tinytorch/optimization/compression").glob("*.py")}
    by_hand = {"__init__.py", "facade.py"}
    for taught in ([PART_ONE], names(ROOT)):
        left_out = solutions(ROOT, taught)
        assert written - {path.name for path in left_out} == by_hand
        assert len(left_out) == len(compression.LABS)


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """The course with an assignment after part one that nobody has written."""
    root = tmp_path_factory.mktemp("course")
    for name in ("tinytorch", "checkpoints", "LICENSE", "pyproject.toml", "constraints.txt"):
        (root / name).symlink_to(ROOT / name)
    settings.copy(ROOT, root)
    toy = root / "modules" / "18_toy"
    toy.mkdir(parents=True)
    for name in (PART_ONE, "README.md"):
        (root / "modules" / name).symlink_to(ROOT / "modules" / name)
    nbformat.write(toy_notebook(), toy / "13_toy.ipynb")
    (toy / "assignment.toml").write_text(
        'name = "18_toy"\nsubject = "zeros"\nquestion = "how many?"\n[points]\n13_toy = 100\n'
    )
    return root


def test_a_second_assignment_is_given_what_the_first_exports(second, tmp_path):
    kit = build(second, "18_toy", tmp_path)
    assert [path.name for path in sorted(kit.glob("labs/*"))] == ["13_toy.ipynb", "assignment.toml"]
    assert not any(kit.glob("checkpoints/*"))
    modules = {path.stem for path in kit.glob("tinytorch/optimization/compression/*.py")}
    part_one = read(second / "modules" / PART_ONE).labs
    given = {module for module, (lab, _) in compression.LABS.items() if lab in part_one}
    assert modules == {"__init__", "facade", *given}
    page = (kit / "START.md").read_text()
    assert "This is about zeros: lab 13." in page
    assert "What labs 01 to 08 export is there already." in page
    assert solutions(second, [PART_ONE, "18_toy"]) == solutions(second, [PART_ONE])
    assert pack("ada", kit / "labs", tmp_path)[0].name.startswith("18_toy--ada--")


def test_of_two_assignments_one_is_asked_for(second):
    console = Console(record=True, width=200)
    assert main(None, second, console) == 1
    assert console.export_text() == f"error: say which assignment: {PART_ONE} or 18_toy\n"
