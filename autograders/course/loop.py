"""``python -m autograders course``: the whole grading loop on a small class.

For each assignment it checks and releases the labs, hands in for
:mod:`autograders.course.sample_class`, has nbgrader grade the class and says who scored what. The
commands are the ones an instructor types, and are shown. Work of real students in ``submitted/`` is
graded along with it and never changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.utils import compute_checksum, is_solution
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograders.course import ROOT, notebook_lint
from autograders.course.misconceptions import AnswerError
from autograders.course.sample_class import PREFIX, Student, hand_in
from tinytorch.assignment import names
from tinytorch.console import disk_trouble

# nbgrader's warnings that mean no trouble; any other warning or error stops the course.
BENIGN = {
    r"Removing existing assignment": "the labs changed, and are released again",
    r"Updating existing assignment": "a student handed in again",
    r"No submitted file": "a student handed in some labs only: 0 points for the others",
    r"Attribute 'checksum' for cell \w+ has changed": (
        "a locked test is put back as it was in the source; every test with a hidden part is"
    ),
    r".*: a person gave .* points, it is worth|\S+, \S+ is worth .* points in place of": (
        "points were changed after somebody was graded"
    ),
    r".* look like one person$": "two students have names that differ in case or accents only",
    r"Needs a look": "a person should look at a student's work; the grading went on",
    r"Kernel died while|Error occurred while starting|Timeout waiting for ex|Interrupting": (
        "a student's code ended Python or ran for too long, and was given nothing for that"
    ),
    r"Alternative text is missing": "a figure drawn by code; the feedback's text stands beside it",
}
_LOG_LINE = re.compile(r"\[\w+ \| (?P<level>[A-Z]+)\] (?P<message>.*)")
# What nbgrader logs of a notebook it begins with, and of a submission it is done with.
_BEGUN = re.compile(r"(?:Autograding|Converting notebook) (?P<path>.+\.ipynb)$")
_DONE = re.compile(
    r"(?:Setting destination file permissions|Skipping existing assignment: (?P<path>.*))"
)


class CourseError(RuntimeError):
    """Something that has to be mended before the course can run; the message says how."""


@dataclass(frozen=True)
class Score:
    """What nbgrader's gradebook holds for one student's lab.

    Attributes
    ----------
    handed_in : bool
        Whether the lab was there to be graded.
    points, max_points : float
        Points from checks, which nbgrader gives by itself.
    waiting, max_manual : float
        The most that answers still to be read can get, and that the lab has for written answers.
    """

    handed_in: bool
    points: float
    max_points: float
    waiting: float
    max_manual: float


@dataclass(frozen=True)
class Course:
    """A folder laid out for nbgrader, one assignment in it, and where to tell what happens.

    Parameters
    ----------
    root : Path
        The folder that holds ``nbgrader_config.py`` and ``modules/``.
    assignment : str
        A folder's name in ``modules/``.
    console : Console
        Where progress and results are printed.
    """

    root: Path
    assignment: str
    console: Console

    @property
    def source(self) -> Path:
        """The labs with their solutions."""
        return self.root / "modules" / self.assignment

    @property
    def release(self) -> Path:
        """The labs as students get them."""
        return self.root / "release" / self.assignment

    @property
    def labs(self) -> list[str]:
        """The labs' names, in order."""
        return [path.stem for path in sorted(self.source.glob("*.ipynb"))]

    def notebooks(self) -> set[tuple[str, str]]:
        """Return student and lab of every notebook handed in, by sample students and others."""
        found = self.root.glob(f"submitted/*/{self.assignment}/*.ipynb")
        return {(path.parent.parent.name, path.stem) for path in found}

    def gradebook(self) -> Gradebook:
        """Open nbgrader's gradebook."""
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "tinytorch")


# nbgrader's commands


def check_tools() -> None:
    """Make sure that nbgrader's commands can be run as a user would.

    Raises
    ------
    CourseError
        If ``nbgrader`` or ``alembic``, which nbgrader calls to make its gradebook, is not on PATH.
    """
    missing = [tool for tool in ("nbgrader", "alembic") if shutil.which(tool) is None]
    if missing:
        raise CourseError(
            f"{' and '.join(missing)} not found on PATH. Activate the environment first "
            "(`. .venv/bin/activate`, or `conda activate` its name), or run `make course`"
        )


def check_disk(folder: Path) -> None:
    """Make sure that something can be written, since nbgrader's errors would tell of its database.

    Raises
    ------
    CourseError
        If the folder lies on a disk that is full or cannot be written to.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(1_000_000))
    except OSError as error:
        raise CourseError(disk_trouble(error, str(folder)) or str(error)) from error


def run_nbgrader(
    course: Course, *arguments: str, on_line: Callable[[str], None] = lambda message: None
) -> None:
    """Run an nbgrader command in the course's folder, reading its log as it comes.

    Parameters
    ----------
    course : Course
        Where to run.
    *arguments : str
        What follows ``nbgrader`` on the command line.
    on_line : callable
        Called with the message of each log line.

    Raises
    ------
    CourseError
        If the command fails, or logs a warning or an error that is not in `BENIGN`; with the end
        of its log.
    """
    command = " ".join(("nbgrader", *arguments))
    course.console.print(f"$ {command}", markup=False, highlight=False)
    tail: deque[str] = deque(maxlen=30)
    troubles = []
    with subprocess.Popen(
        ["nbgrader", *arguments],
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            tail.append(line.rstrip())
            if found := _LOG_LINE.match(line):
                on_line(found["message"])
                if is_trouble(found["level"], found["message"]):
                    troubles.append(found["message"])
    if process.returncode or troubles:
        check_disk(course.root)
        reason = troubles[0] if troubles else f"exit status {process.returncode}"
        raise CourseError(f"`{command}`: {reason}\n\nThe end of its log:\n" + "\n".join(tail))


def is_trouble(level: str, message: str) -> bool:
    """Return whether a line of nbgrader's log says that something went wrong.

    Examples
    --------
    >>> is_trouble("WARNING", "No submitted file: submitted/ada/17_compression/02.ipynb")
    False
    >>> is_trouble("WARNING", "Config option `sorce_directory` not recognized")
    True
    """
    loud = level in ("WARNING", "ERROR", "CRITICAL")
    return loud and not any(re.match(pattern, message) for pattern in BENIGN)


def run_for_all(course: Course, command: str) -> None:
    """Run ``nbgrader autograde`` or ``generate_feedback`` with a bar of notebooks done."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=course.console) as progress:
        bar = progress.add_task("", total=len(course.notebooks()))
        progress_of = Advance(course)

        def on_line(message: str) -> None:
            progress_of.read(message)
            progress.update(bar, completed=progress_of.done, description=progress_of.at)

        run_nbgrader(course, command, course.assignment, on_line=on_line)


class Advance:
    """How far an nbgrader command has come, by its log.

    Attributes
    ----------
    done : int
        Notebooks finished or skipped.
    at : str
        The notebook it is at, as ``student, lab``; empty between submissions.
    """

    def __init__(self, course: Course) -> None:
        self.left = course.notebooks()
        self.total = len(self.left)
        self.at = ""

    @property
    def done(self) -> int:
        """Notebooks that are neither left nor being worked on."""
        return self.total - len(self.left) - bool(self.at)

    def read(self, message: str) -> None:
        """Take in a line of the log."""
        if begun := _BEGUN.match(message):
            path = Path(begun["path"])
            self.left.discard((path.parts[-3], path.stem))
            self.at = f"{path.parts[-3]}, {path.stem}"
        elif done := _DONE.match(message):
            if done["path"]:
                student = Path(done["path"]).parts[-2]
                self.left = {key for key in self.left if key[0] != student}
            self.at = ""


# The release


def why_stale(course: Course) -> str:
    """Return why what students would get is out of date, or nothing if it is not."""
    released = sorted(course.release.glob("*.ipynb"))
    if [path.stem for path in released] != course.labs:
        return "release/ does not hold these labs"
    if not (course.root / "gradebook.db").exists():
        return "there is no gradebook.db"
    stack = course.root.glob("tinytorch/**/*.py")
    made_from = [
        *course.root.glob("nbgrader_config.*"),
        *(path for path in course.source.rglob("*") if path.is_file()),
        *(path for path in stack if "tests" not in path.parts),
    ]
    newest = max(made_from, key=_written_at)
    if _written_at(newest) > min(map(_written_at, released)):
        return f"{newest.relative_to(course.root)} is newer than the release"
    return ""


def release(course: Course) -> None:
    """Release the labs if they changed, and forget the sample class graded against the old ones.

    Raises
    ------
    CourseError
        If somebody has typed answers into the released labs, which a new release would delete.
    """
    reason = why_stale(course)
    if not reason:
        course.console.print("release/ is up to date")
        return
    course.console.print(f"{reason}: the labs are released, and the sample class graded, anew")
    if typed := sorted(_answered(course)):
        raise CourseError(
            f"release/{course.assignment}/ is out of date, but holds answers typed into "
            f"{', '.join(typed)}. Move that folder away to keep them; then run this again"
        )
    _forget_sample_class(course)
    force = ("--force",) if course.release.exists() else ()
    run_nbgrader(course, "generate_assignment", course.assignment, *force)
    graded = {path.parent.name for path in course.root.glob(f"autograded/*/{course.assignment}")}
    if any(not student.startswith(PREFIX) for student in graded):
        course.console.print(
            "Students' work was graded with the release before this one; to grade it again: "
            f"nbgrader autograde {course.assignment} --force"
        )


def _written_at(path: Path) -> float:
    return path.stat().st_mtime


def _answered(course: Course) -> Iterator[str]:
    """Yield released labs that are no longer as nbgrader wrote them."""
    for path in course.release.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            written = cell.metadata.get("nbgrader", {}).get("checksum")
            if is_solution(cell) and written != compute_checksum(cell):
                yield path.name
                break


def _forget_sample_class(course: Course) -> None:
    """Remove what sample students have to do with the assignment, and those who have no other."""
    if (course.root / "gradebook.db").exists():
        with course.gradebook() as gradebook:
            for submission in gradebook.assignment_submissions(course.assignment):
                if submission.student.id.startswith(PREFIX):
                    gradebook.remove_submission(course.assignment, submission.student.id)
            for student in gradebook.students:
                if student.id.startswith(PREFIX) and not student.submissions:
                    gradebook.remove_student(student.id)
    for step in ("submitted", "autograded", "feedback"):
        for folder in course.root.glob(f"{step}/{PREFIX}*/{course.assignment}"):
            shutil.rmtree(folder)
            if not any(folder.parent.iterdir()):
                folder.parent.rmdir()


# The grades


def read_scores(course: Course) -> dict[str, dict[str, Score]]:
    """Return what the gradebook holds, by student and lab."""
    with course.gradebook() as gradebook:
        return {
            submission.student.id: {
                notebook.name: _score(course, submission.student.id, notebook)
                for notebook in sorted(submission.notebooks, key=lambda notebook: notebook.name)
            }
            for submission in sorted(
                gradebook.assignment_submissions(course.assignment), key=lambda s: s.student.id
            )
        }


def _score(course: Course, student: str, notebook: SubmittedNotebook) -> Score:
    written = {cell.name for cell in notebook.notebook.solution_cells}
    checks = [grade for grade in notebook.grades if grade.name not in written]
    manual = [grade for grade in notebook.grades if grade.name in written]
    lab = course.root / "submitted" / student / course.assignment / f"{notebook.name}.ipynb"
    return Score(
        handed_in=lab.exists(),
        points=sum(grade.auto_score or 0 for grade in checks),
        max_points=sum(grade.max_score for grade in checks),
        waiting=sum(grade.max_score for grade in manual if grade.needs_manual_grade),
        max_manual=sum(grade.max_score for grade in manual),
    )


def judge(students: Sequence[Student], scores: Mapping[str, Mapping[str, Score]]) -> list[str]:
    """Return, in a sentence each, which sample students did not get what they deserve."""
    found = []
    for student in students:
        lost = [
            lab
            for lab, score in scores.get(student.name, {}).items()
            if score.points < score.max_points
        ]
        if student.name not in scores:
            found.append(f"{student.name} was not graded")
        elif student.story and not lost:
            found.append(f"{student.name} got full marks, with this: {' '.join(student.story)}")
        elif not student.story and lost:
            found.append(f"{student.name} has every answer right, but lost points in {lost}")
    return found


def summarise(
    course: Course, students: Sequence[Student], scores: Mapping[str, Mapping[str, Score]]
) -> None:
    """Print who scored what, who the sample students are, and where everything is."""
    table = Table(
        title=f"{course.assignment}: points from checks", title_justify="left", box=box.SIMPLE
    )
    table.add_column("student\nout of")
    of = {
        lab: max((by_lab[lab].max_points for by_lab in scores.values() if lab in by_lab), default=0)
        for lab in course.labs
    }
    for lab, points in of.items():
        table.add_column(f"{lab.partition('_')[0]}\n{points:g}", justify="right")
    table.add_column(f"all labs\n{sum(of.values()):g}", justify="right")
    table.add_column("to\nread", justify="right")
    for name, by_lab in scores.items():
        cells = [_points([by_lab[lab]]) if lab in by_lab else "" for lab in course.labs]
        waiting = sum(score.waiting for score in by_lab.values())
        table.add_row(name, *cells, _points(list(by_lab.values())), f"{waiting:g}")
    tell = course.console.print
    tell()
    tell(table)
    tell("to read: points for written answers that wait for a person, in nbgrader's formgrader")
    tell("-: not handed in\n")
    for student in students:
        for sentence in student.story:
            tell(f"  {student.name}: {sentence}", markup=False, highlight=False)
    tell(f"\nfeedback  feedback/STUDENT/{course.assignment}/LAB.html, for example")
    for page in sorted(course.root.glob(f"feedback/*/{course.assignment}/*.html"))[:1]:
        tell(f"          {page.relative_to(course.root)}", highlight=False)


def _points(scores: Sequence[Score]) -> str:
    if not any(score.handed_in for score in scores):
        return "-"
    return f"{sum(score.points for score in scores):g}"


def main(
    root: Path = ROOT,
    console: Console | None = None,
    lint: Callable[[list[Path]], int] = notebook_lint.main,
) -> int:
    """Run the loop from the labs to the grades, for all assignments; return the exit status.

    Parameters
    ----------
    root : Path
        As in :class:`Course`.
    console : Console, optional
        Where to print (standard output by default).
    lint : callable
        Given the assignments' folders, returns 0 if their notebooks can be released.
    """
    console = console or Console()
    courses = [Course(root, name, console) for name in names(root)]
    unfair = []
    try:
        check_tools()
        check_disk(root)
        if not courses:
            raise CourseError("there are no labs in modules/")
        if lint([course.source for course in courses]):
            raise CourseError("the labs cannot be released as they are; mend what is said above")
        classes = [_grade(course) for course in courses]
        run_nbgrader(courses[0], "export")
        for course, students in zip(courses, classes, strict=True):
            scores = read_scores(course)
            summarise(course, students, scores)
            unfair += judge(students, scores)
    except (CourseError, AnswerError) as error:
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        return 1
    console.print("grades    grades.csv, gradebook.db", highlight=False)
    for sentence in unfair:
        console.print(f"error: {sentence}", style="red", markup=False, highlight=False)
    return 1 if unfair else 0


def _grade(course: Course) -> list[Student]:
    """Release an assignment's labs, hand in for the sample class and grade; return the class."""
    release(course)
    students = hand_in(course.source, course.release, course.root / "submitted")
    run_for_all(course, "autograde")
    run_for_all(course, "generate_feedback")
    return students
