"""A class of a few students to try the grading on: a reference, honest mistakes, missing work.

Answers come from :mod:`autograders.course.misconceptions`, so a new misconception joins the class
by itself. :mod:`autograders.course.loop` hands the class in, grades it, and expects the reference
to get every point that a check gives and every other student to lose some.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_solution

from autograders.course.answers.runner import fill_in
from autograders.course.misconceptions import Answer, check, collect

PREFIX = "sample_"  # no real student's name begins so
MISTAKEN = 1  # students who make one mistake in every lab


@dataclass(frozen=True)
class Student:
    """One sample student.

    Attributes
    ----------
    name : str
        Begins with `PREFIX`.
    story : tuple of str
        What is wrong with the work, a sentence each; empty for the reference.
    replacing : mapping of str to mapping of str to str
        By lab handed in: sources that stand for the reference's, by grade id.
    """

    name: str
    story: tuple[str, ...] = ()
    replacing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def compose(
    released: Mapping[str, NotebookNode], answers: Mapping[str, Sequence[Answer]]
) -> list[Student]:
    """Return the class for these labs, the reference first.

    Parameters
    ----------
    released : mapping of str to NotebookNode
        The labs as students get them, by name, in order.
    answers : mapping of str to sequence of Answer
        Known answers by lab. Without a wrong one, nobody makes a mistake.
    """
    labs = list(released)
    everything: dict[str, Mapping[str, str]] = {lab: {} for lab in labs}
    wrong = {lab: [answer for answer in answers[lab] if not answer.right] for lab in labs}
    students = [Student(f"{PREFIX}reference", (), everything)]
    for number in range(MISTAKEN if any(wrong.values()) else 0):
        made = {lab: wrong[lab][number % len(wrong[lab])] for lab in labs if wrong[lab]}
        story = tuple(f"{lab}: {answer.idea}" for lab, answer in made.items())
        replacing = {lab: made[lab].cells if lab in made else {} for lab in labs}
        students.append(Student(f"{PREFIX}mistaken_{number + 1}", story, replacing))
    cell = next(c for c in released[labs[-1]].cells if is_solution(c) and c.cell_type == "code")
    grade_id = cell.metadata.nbgrader["grade_id"]
    unfinished = {**{lab: {} for lab in labs[-2:]}, labs[-1]: {grade_id: cell.source}}
    story = (f"{labs[-1]}: Left {grade_id} as it was released.",)
    students.append(Student(f"{PREFIX}unfinished", story, unfinished))
    if len(labs) > 1:
        story = (f"Handed in {labs[0]} only.",)
        students.append(Student(f"{PREFIX}one_lab", story, {labs[0]: {}}))
    return students


def hand_in(source: Path, release: Path, submitted: Path) -> list[Student]:
    """Write the class's work below `submitted`, where it differs from what is there.

    Parameters
    ----------
    source, release : Path
        An assignment's labs with and without solutions.
    submitted : Path
        nbgrader's folder of submissions. Other students' folders in it are not touched.

    Raises
    ------
    AnswerError
        If an answer cannot be read or does not fit its lab.
    """
    labs = sorted(path.stem for path in source.glob("*.ipynb"))
    references = {lab: _read(source / f"{lab}.ipynb") for lab in labs}
    released = {lab: _read(release / f"{lab}.ipynb") for lab in labs}
    answers = {lab: collect(lab) for lab in labs}
    for lab in labs:
        for answer in answers[lab]:
            check(answer, references[lab])
    students = compose(released, answers)
    for student in students:
        work = {
            f"{lab}.ipynb": nbformat.writes(fill_in(released[lab], references[lab], replacing))
            for lab, replacing in student.replacing.items()
        }
        _write(submitted / student.name / source.name, work)
    return students


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _write(folder: Path, work: Mapping[str, str]) -> None:
    """Replace a folder's notebooks unless they are these; nbgrader grades by the time stamp."""
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.ipynb")}
    if present == work:
        return
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, text in work.items():
        (folder / name).write_text(text, encoding="utf-8")
    now = datetime.datetime.now(datetime.UTC)
    (folder / "timestamp.txt").write_text(f"{now:%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="utf-8")
