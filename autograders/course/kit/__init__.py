"""The student's kit: an assignment's labs, ``tinytorch`` without their solutions, the checkpoint.

What the labs of earlier assignments export is given. ``python -m autograders kit`` writes a kit to
``dist/`` as a folder and as a zip of that folder. It releases the labs with nbgrader in a temporary
course, so that neither ``release/`` nor the gradebook is touched; ``files/`` holds what only a kit
has. Leans on :mod:`autograders.course.loop`.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograders.course import ROOT
from autograders.course.kit.files.launch import THREADS
from autograders.course.loop import Course, CourseError, check_disk, check_tools, release
from autograders.grading import settings
from tinytorch.assignment import Assignment, AssignmentError, choose, names, read
from tinytorch.optimization.compression import LABS

FILES = Path(__file__).resolve().parent / "files"
NOT_FOR_STUDENTS = {"tests", "benchmarks", "__pycache__", "__main__.py"}  # that one trains models
EXPORTED = Path("optimization", "compression")  # where the labs' modules are in tinytorch
FOR_INSTRUCTORS = "## For instructors"  # where the students' part of modules/README.md ends
DATE = (1980, 1, 1, 0, 0, 0)  # of every file in the zip, so that equal kits make equal zips


def build(root: Path, assignment: str, dist: Path | None = None) -> Path:
    """Write the kit; return its folder, beside which its zip lies.

    Parameters
    ----------
    root : Path
        The folder that holds ``nbgrader_config.py``, ``modules/`` and ``tinytorch/``.
    assignment : str
        A folder's name in ``modules/``.
    dist : Path, optional
        Where to write (``root/dist`` by default). A kit that is there is replaced as a whole.

    Raises
    ------
    CourseError
        If the labs cannot be released.
    AssignmentError
        If there are no such labs, or they do not say what they are.
    """
    about = read(root / "modules" / assignment)
    dist = dist or root / "dist"
    dist.mkdir(parents=True, exist_ok=True)
    check_disk(dist)
    kit = dist / f"tinytorch-{assignment}"
    with tempfile.TemporaryDirectory(dir=dist, prefix=".kit-") as scratch:
        made = Path(scratch, kit.name)
        shutil.copytree(release_apart(root, assignment, Path(scratch, "course")), made / "labs")
        copy_stack(root, [assignment], made)
        for path in (root / "constraints.txt", *sorted(FILES.glob("*.py"))):
            _copy(path, made / path.name)
        page = (FILES / "START.md").read_text(encoding="utf-8")
        page = fill_in(page, about, _given(root, [assignment]))
        (made / "START.md").write_text(page, encoding="utf-8")
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        packages = _packages(project)
        (made / "pyproject.toml").write_text(_pyproject(project, packages), encoding="utf-8")
        (made / "environment.yml").write_text(_environment(project, packages), encoding="utf-8")
        archive = _pack(made, Path(scratch, f"{kit.name}.zip"))
        if kit.exists():
            shutil.rmtree(kit)
        made.rename(kit)
        archive.replace(dist / archive.name)
    return kit


def copy_stack(root: Path, assignments: Sequence[str], made: Path) -> None:
    """Copy what students have beside the labs: ``tinytorch``, checkpoints, the guide, the licence.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignments : sequence of str
        What is taught. What other labs export is given, if they come earlier.
    made : Path
        Where to copy to.
    """
    package, left_out = root / "tinytorch", solutions(root, assignments)
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if path.is_file() and inside not in left_out and not NOT_FOR_STUDENTS & {*inside.parts}:
            _copy(path, made / path.relative_to(root))
    for assignment in assignments:
        for path in sorted(root.glob(f"checkpoints/checkpoint_{assignment}.py")):
            _copy(path, made / "checkpoints" / path.name)
    _copy(root / "LICENSE", made / "LICENSE")
    guide = (root / "modules" / "README.md").read_text(encoding="utf-8")
    (made / "README.md").write_text(guide.partition(FOR_INSTRUCTORS)[0], encoding="utf-8")


def solutions(root: Path, assignments: Sequence[str]) -> set[Path]:
    """Return the labs' modules that students do not have, as paths in ``tinytorch``."""
    given = _given(root, assignments)
    return {EXPORTED / f"{module}.py" for module, (lab, _) in LABS.items() if lab not in given}


def _given(root: Path, assignments: Sequence[str]) -> list[str]:
    """Return the labs of assignments that come before those that are taught, and are not."""
    before = [name for name in names(root) if name < max(assignments) and name not in assignments]
    return [lab for name in before for lab in read(root / "modules" / name).labs]


def fill_in(page: str, about: Assignment, given: Sequence[str] = ()) -> str:
    """Put what an assignment says of itself into a page for its students."""
    there = f" What {_numbers(given)} export is there already." if given else ""
    said = {"NAME": about.name, "SUBJECT": about.subject, "QUESTION": about.question}
    said |= {"FIRST": about.labs[0], "LABS": _numbers(about.labs), "GIVEN": there}
    for name, text in said.items():
        page = page.replace(f"[{name}]", text)
    return page


def _numbers(labs: Sequence[str]) -> str:
    """Return labs by their numbers.

    Examples
    --------
    >>> _numbers(["01_zeros", "02_ones", "03_twos"])
    'labs 01 to 03'
    """
    first, last = (labs[place].partition("_")[0] for place in (0, -1))
    return f"lab {first}" if first == last else f"labs {first} to {last}"


def release_apart(root: Path, assignment: str, scratch: Path) -> Path:
    """Release the labs in a course of their own; return the folder of released labs."""
    shutil.copytree(root / "modules" / assignment, scratch / "modules" / assignment)
    settings.copy(root, scratch)
    course = Course(scratch, assignment, Console(quiet=True))
    release(course)
    return course.release


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _packages(project: dict) -> list[str]:
    """Return what a student needs: the stack, the notebooks, and pytest for the checkpoint."""
    extras = project["optional-dependencies"]
    runs_checkpoint = [name for name in extras["test"] if name.startswith("pytest>")]
    return sorted({*project["dependencies"], *extras["lab"], *runs_checkpoint})


def _pyproject(project: dict, packages: list[str]) -> str:
    listed = "".join(f'    "{package}",\n' for package in packages)
    tried = "".join(f'    "{name}",\n' for name in project["classifiers"])
    return f"""\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{project["name"]}"
version = "{project["version"]}"
description = "A student's copy of tinytorch; the labs add to it"
requires-python = "{project["requires-python"]}"
classifiers = [
{tried}]
dependencies = [
{listed}]

[tool.setuptools.packages.find]
include = ["tinytorch*"]

[tool.setuptools.package-data]
"*" = ["*.mplstyle", "*.npz", "py.typed"]

[tool.pytest.ini_options]
python_files = ["checkpoint_*.py"]
"""


def _environment(project: dict, packages: list[str]) -> str:
    listed = "".join(f"  - {package}\n" for package in packages)
    threads = "".join(f'  {name}: "1"\n' for name in THREADS)
    return f"""\
# For users of conda: conda env create -f environment.yml
name: tinytorch
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python{project["requires-python"]}
{listed}\
  - pip
  - pip:
      - -e .
variables: # the labs' matrices are small: with more threads they would wait for each other
{threads}"""


def _pack(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, path.read_bytes())
    return archive


def main(assignment: str | None = None, root: Path = ROOT, console: Console | None = None) -> int:
    """Write the kit of an assignment and say where it is; return the exit status."""
    console = console or Console()
    try:
        check_tools()
        kit = build(root, choose(root, assignment))
    except (CourseError, AssignmentError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    for made in (kit, kit.with_name(f"{kit.name}.zip")):
        console.print(made.relative_to(root), highlight=False)
    return 0
