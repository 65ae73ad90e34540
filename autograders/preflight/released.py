"""Make of a lab what a release makes of it, step by step; or say what is in the way.

nbgrader's own steps are used, apart from the gradebook. Each stumbles in its own way: what is said
here names the cell, and what to do. :mod:`autograders.preflight` leans on it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.nbgraderformat.common import SchemaMismatchError, SchemaTooOldError
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    InstantiateTests,
    NbGraderPreprocessor,
)
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from autograders.grading.framed import framed
from autograders.grading.judge.parts import marks_in

_AUTOTESTS = (
    "nbgrader makes checks of such lines by this file: put it beside the lab, or into the course's "
    "folder. nbgrader's documentation has one, under Autograder test cell."
)


class NotReleased(Exception):
    """A lab that cannot be released.

    Attributes
    ----------
    what, advice : str
        Why, and what to do about it.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what, self.advice = what, advice


def read(lab: Path, course: CourseDirectory) -> NotebookNode:
    """Return a lab of the source, with the cells that nbgrader puts around it.

    Raises
    ------
    NotReleased
        If it cannot be read, or nbgrader's marks in it are wrong.
    """
    try:
        text = framed(lab.read_text(encoding="utf-8"), course.config, Path(course.root))
        notebook = nbformat.reads(text, as_version=4)
        MetadataValidator().validate_nb(notebook)
    except SchemaTooOldError as error:
        raise NotReleased(
            f"its marks are of an older nbgrader (schema {error.actual_version})",
            f"nbgrader update {lab.name} in its folder brings them up to date.",
        ) from None
    except SchemaMismatchError as error:
        raise NotReleased(
            f"its marks are of a newer nbgrader (schema {error.actual_version})", "Update nbgrader."
        ) from None
    except ValidationError as error:
        raise NotReleased(
            f"its marks are wrong: {error.message}",
            "Mend them in JupyterLab, in the sidebar Create Assignment.",
        ) from None
    except Exception as error:  # whatever nbformat stumbles over
        raise NotReleased(
            f"it is no notebook that can be read: {_said(error)}",
            "Take an earlier copy of it, or save it in JupyterLab again.",
        ) from None
    return notebook


def released(
    notebook: NotebookNode, lab: Path, config: Config
) -> tuple[NotebookNode, NotebookNode, NotebookNode]:
    """Return a lab as it is graded: with its own answers, and empty; and as students get it.

    Parameters
    ----------
    notebook : NotebookNode
        Of :func:`read`.
    lab : Path
        Where it is.
    config : Config
        The course's settings.

    Raises
    ------
    NotReleased
        If nbgrader could not release it.
    """
    where = {"metadata": {"path": str(lab.parent)}}
    # What a release makes of AUTOTEST lines; in the source, such a check asks for nothing.
    reference = _step(InstantiateTests, notebook, config, where, _of_autotests)
    empty = _step(ClearSolutions, reference, config, {}, _of_solutions)
    shown = _step(ClearHiddenTests, empty, config, {}, _of_marks)
    _step(ClearMarkScheme, shown, config, {}, _of_marks)
    return reference, empty, shown


def _step(
    kind: type[NbGraderPreprocessor],
    notebook: NotebookNode,
    config: Config,
    resources: dict[str, dict[str, str]],
    explain: Callable[[Exception, NotebookNode, Config], NotReleased],
) -> NotebookNode:
    step = kind(config=config)
    step.log.disabled, before = True, step.log.disabled  # what it says is said here
    try:
        made, _ = step.preprocess(copy.deepcopy(notebook), resources)
    except Exception as error:  # some raise nothing more special
        raise explain(error, notebook, config) from None
    finally:
        step.log.disabled = before
    return made


def _of_autotests(error: Exception, notebook: NotebookNode, config: Config) -> NotReleased:
    mark = InstantiateTests(config=config).autotest_delimiter
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and mark in cell.source and not is_grade(cell):
            return NotReleased(
                f"cell {number} has {mark} lines, and is no check", "Mark it as Autograder tests."
            )
    if isinstance(error, FileNotFoundError):
        return NotReleased(f"it has AUTOTEST lines, and there is no {error.filename}", _AUTOTESTS)
    if isinstance(error, KeyError | yaml.YAMLError):
        kernel = notebook.metadata.get("kernelspec", {}).get("name", "")
        advice = f"The file needs a part for this lab's kernel, {kernel}, with templates and more."
        return NotReleased(f"autotests.yml cannot be used: {_said(error)}", advice)
    return NotReleased(f"its AUTOTEST lines cannot be used: {_said(error)}", _AUTOTESTS)


def _of_solutions(error: Exception, notebook: NotebookNode, config: Config) -> NotReleased:
    about = notebook.metadata.get("kernelspec", {})
    if isinstance(error, ValueError):
        language = about.get("language", "python")
        return NotReleased(
            f"nothing says what stands in place of an answer in {language}",
            f"c.ClearSolutions.code_stub = {{{language!r}: '...'}}, with all languages in it.",
        )
    mark = marks_in(config).solution
    for number, cell in enumerate(notebook.cells, start=1):
        if mark not in cell.source or is_solution(cell):
            continue
        if is_grade(cell):
            return NotReleased(
                f"the check {cell.metadata.nbgrader['grade_id']} has an answer in it (cell "
                f"{number}), which would be cut out of what is graded",
                "Move the answer into a cell of its own above the check, marked as Autograded "
                "answer.",
            )
        return NotReleased(
            f"cell {number} has an answer in it, and is not marked as one",
            "Mark it as Autograded answer.",
        )
    return NotReleased(_said(error), "Mend the marks of its answers.")


def _of_marks(error: Exception, notebook: NotebookNode, config: Config) -> NotReleased:
    hidden = marks_in(config).begin
    for number, cell in enumerate(notebook.cells, start=1):
        if hidden in cell.source and not is_grade(cell):
            return NotReleased(
                f"cell {number} has hidden tests in it, and is no check",
                "Mark it as Autograder tests.",
            )
    return NotReleased(_said(error), "Mend the marks around hidden tests and scoring guides.")


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
