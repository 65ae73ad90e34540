"""A class of any size in a gradebook, made in a second or two: what the report's tests read.

The labs are real, or the toy of ``conftest.py``. Students differ in how often they go wrong, and
then make a mistake that the lab knows: their failures, and the notebooks that hold them, are those
that :mod:`autograders.course.answers.verdicts` has stored.
"""

import json
import tempfile
from functools import cache
from pathlib import Path
from uuid import uuid4

import nbformat
import numpy as np
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.utils import is_grade, is_solution


def release(root, assignment):
    """Enter the labs of an assignment into the gradebook, as a release does; return it, open.

    nbgrader takes seconds to make a gradebook: one is made for the same labs, and copied.
    """
    labs = sorted(root.glob(f"modules/{assignment}/*.ipynb"))
    path = root / "gradebook.db"
    path.write_bytes(_gradebook(assignment, tuple((p.stem, p.read_text()) for p in labs)))
    return Gradebook(f"sqlite:///{path}", "tinytorch")


@cache
def _gradebook(assignment, labs):
    """Return the bytes of a gradebook that holds these labs, given as names and texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        with Gradebook(f"sqlite:///{path}", "tinytorch") as gradebook:
            gradebook.add_assignment(assignment)
            for lab, text in labs:
                gradebook.add_notebook(lab, assignment)
                for cell in nbformat.reads(text, as_version=4).cells:
                    _add(gradebook, cell, (lab, assignment))
        return path.read_bytes()


def _add(gradebook, cell, where):
    if is_grade(cell):
        marks = {"max_score": cell.metadata.nbgrader.points, "cell_type": cell.cell_type}
        gradebook.add_grade_cell(cell.metadata.nbgrader.grade_id, *where, **marks)
    if is_solution(cell):
        gradebook.add_solution_cell(cell.metadata.nbgrader.grade_id, *where)


def hand_in(gradebook, assignment, work):
    """Enter what students got.

    Parameters
    ----------
    work : mapping of str to mapping of str to mapping of str to object
        By student and lab: what the checks that failed said, by grade id, or an `auto_score` as a
        number. A lab that is None was not handed in.
    """
    found = gradebook.find_assignment(assignment)
    rows = {kind: [] for kind in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)}
    new = work.keys() - {student.id for student in gradebook.students}
    rows[Student] += [{"id": student} for student in work if student in new]
    for student, labs in work.items():
        submission = uuid4().hex
        rows[SubmittedAssignment].append(
            {"id": submission, "assignment_id": found.id, "student_id": student}
        )
        for notebook in found.notebooks:
            one, failed = uuid4().hex, labs[notebook.name]
            rows[SubmittedNotebook].append(
                {"id": one, "assignment_id": submission, "notebook_id": notebook.id}
            )
            written = {cell.name for cell in notebook.solution_cells}
            for cell in notebook.grade_cells:
                lost = failed is None or cell.name in failed
                given = failed[cell.name] if failed and lost else 0
                score = (given if isinstance(given, float) else 0) if lost else cell.max_score
                manual = cell.name in written and failed is not None
                rows[Grade].append(
                    {
                        "id": uuid4().hex,
                        "notebook_id": one,
                        "cell_id": cell.id,
                        "auto_score": None if manual else score,
                        "needs_manual_grade": manual,
                    }
                )
            rows[Comment] += [
                {"id": uuid4().hex, "notebook_id": one, "cell_id": cell.id}
                for cell in notebook.solution_cells
            ]
    for kind, values in rows.items():
        gradebook.db.bulk_insert_mappings(kind, values)
    gradebook.db.commit()


def write_graded(root, assignment, student, lab, failed, notebook=None):
    """Write an autograded notebook: the lab's cells, and an error in each check that failed."""
    path = root / "autograded" / student / assignment / f"{lab}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [json.loads(json.dumps(cell)) for cell in (notebook.cells if notebook else ())]
    for cell in cells:
        said = failed.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
        if isinstance(said, str):
            name, _, text = said.partition(": ")
            cell["outputs"] = [
                {"output_type": "error", "ename": name, "evalue": text, "traceback": []}
            ]
    graded = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(graded), encoding="utf-8")


def mistaken(students, known, seed=0):
    """Return work for `hand_in`: every student makes some of the known mistakes of every lab.

    Parameters
    ----------
    students : sequence of str
    known : mapping of str to sequence of (Answer, mapping of str to str)
        By lab, as `autograders.course.answers.diagnosis.known` returns them.
    """
    rng = np.random.default_rng(seed)
    work = {}
    for student in students:
        rate = rng.beta(1, 4)  # how often this student goes wrong in a question
        work[student] = {}
        for lab, mistakes in known.items():
            if rng.random() < 0.03 + 0.3 * rate:
                work[student][lab] = None
                continue
            by_cell = {}
            for answer, said in mistakes:
                by_cell.setdefault(next(iter(answer.cells)), []).append(said)
            made = [c[rng.integers(len(c))] for c in by_cell.values() if rng.random() < rate]
            work[student][lab] = {check: text for said in made for check, text in said.items()}
    return work
