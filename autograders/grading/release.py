"""Release labs so that what was released before is there until its successor is complete.

nbgrader removes a release first, then makes the next one, and leaves nothing where that fails; a
change that it refuses it names by the lab alone. :class:`ReleaseExporter` takes the place of the
exporter of ``nbgrader generate_assignment``: it rehearses, says what the release changes for those
who have handed in (:mod:`.changes`), and has it built beside its place.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.preprocessors import SaveCells
from traitlets import Bool
from traitlets.utils.importstring import import_item

from autograders.grading import changes
from autograders.grading.changes import Cell


class ReleaseExporter(NotebookExporter):
    """Writes the labs as students get them; before anything is changed, looks whether it can."""

    accept = Bool(
        False,
        help="Release labs whose graded cells have changed since somebody handed them in: what was "
        "given for cells that are gone goes with them, everything else is kept.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        converter = self.parent
        if isinstance(converter, GenerateAssignment):
            final = _final(converter)
            if converter.force or not final.exists() or converter.coursedir.notebook_id != "*":
                self._prepare(converter, final)

    def _prepare(self, converter: GenerateAssignment, final: Path) -> None:
        repair(final)
        labs = {
            Path(path).stem: self._rehearse(converter, path)
            for found in converter.assignments.values()
            for path in sorted(found)
        }
        if not converter.no_database:
            self._compare(converter, labs)
        if converter.force and final.exists():
            _build_beside(converter, final)

    def _rehearse(self, converter: GenerateAssignment, path: str) -> dict[str, Cell]:
        """Make a release of one lab, write it nowhere, and return the cells that it has."""
        exporter = NotebookExporter(parent=converter, config=converter.config)
        exporter._preprocessors = []
        for step in converter.preprocessors:
            made = import_item(step) if isinstance(step, str) else step
            exporter.register_preprocessor(_Record if issubclass(made, SaveCells) else made)
        try:
            resources = converter.init_single_notebook_resources(path)
            _, resources = exporter.from_filename(path, resources=resources)
        except Exception as error:  # whatever a preprocessor finds wrong
            said = f"{Path(path).name} cannot be released: {str(error) or type(error).__name__}"
            self.log.error("%s", said)
            self.log.debug("It was found here", exc_info=True)
            self.log.error("Nothing was changed: what was released before is still there.")
            raise NbGraderException(said) from error
        cells: dict[str, Cell] = resources["nbgrader"].get(_CELLS, {})
        return cells

    def _compare(self, converter: GenerateAssignment, labs: dict[str, dict[str, Cell]]) -> None:
        course = converter.coursedir
        name = course.assignment_id
        with Gradebook(course.db_url, course.course_id) as gradebook:
            found = changes.compare(gradebook, name, labs, course.notebook_id == "*")
            for sentence in changes.points(gradebook, name, found):
                self.log.warning("%s", sentence)
            if not found.refused:
                return
            tell = self.log.warning if self.accept else self.log.error
            for sentence in changes.sentences(gradebook, name, found):
                tell("%s", sentence)
            if not self.accept:
                self.log.error("%s", _what_to_type(name))
                raise NbGraderException("nothing was changed: the labs have been handed in")
            changes.carry_out(gradebook, name, labs, found)
        again = f"nbgrader autograde {name} --force"
        self.log.warning("To have everybody graded with these labs: %s", again)


def _what_to_type(name: str) -> str:
    return (
        "Nothing was changed, since these labs have been handed in: what was released before is "
        "still there. Give the cells their old grade ids again; or have it changed for everybody, "
        "which takes away what was given for cells that are gone, and keeps the rest. Copy the "
        f"gradebook first, and then: nbgrader generate_assignment {name} --force "
        f"--ReleaseExporter.accept=True; nbgrader autograde {name} --force"
    )


_CELLS = "released_cells"  # in nbgrader's resources


class _Record(SaveCells):
    """Notes what nbgrader would write into the gradebook, and writes nothing."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        nb, resources = super().preprocess(nb, resources)
        resources["nbgrader"][_CELLS] = {
            name: Cell(
                changes.kind(
                    name in self.new_grade_cells,
                    name in self.new_solution_cells,
                    name in self.new_task_cells,
                ),
                {**self.new_grade_cells, **self.new_task_cells}.get(name, {}).get("max_score"),
                info["source"],
                info["cell_type"],
            )
            for name, info in self.new_source_cells.items()
        }
        return nb, resources

    def _create_notebook(self, nb: NotebookNode) -> None:
        pass


# Beside its place


def _final(converter: GenerateAssignment) -> Path:
    course = converter.coursedir
    return Path(course.format_path(course.release_directory, ".", course.assignment_id)).resolve()


def _build_beside(converter: GenerateAssignment, final: Path) -> None:
    """Have nbgrader make a release in a hidden folder, which takes the old one's place at the end.

    The converter of one command is told another place to write to: it has no setting for that.
    """
    beside = final.with_name(f".{final.name}.next")
    if converter.coursedir.notebook_id != "*":
        shutil.copytree(final, beside)
    converter._format_dest = lambda assignment, student, escape=False: str(beside)
    converter.post_convert_hook = _swapping(converter.post_convert_hook, beside, final, converter)


def _swapping(
    own: Callable[..., None] | None, beside: Path, final: Path, converter: GenerateAssignment
) -> Callable[..., None]:
    """Return a hook that puts a release in its place, and then does what the course's own does."""

    def swap(**about: Any) -> None:
        old = _old(final)
        try:
            final.rename(old)
            beside.rename(final)
            shutil.rmtree(old)
        except OSError as error:
            repair(final)
            converter.log.error("The release cannot be put in its place: %s", error)
            raise SystemExit(1) from error  # nbgrader would go on
        if own:
            own(**about)

    return swap


def _old(final: Path) -> Path:
    return final.with_name(f".{final.name}.before")


def repair(final: Path) -> None:
    """Finish, or undo, what was broken off when a release was put in its place."""
    old, beside = _old(final), final.with_name(f".{final.name}.next")
    if old.exists() and not final.exists():
        old.rename(final)
    for left in (old, beside):
        if left.exists():
            shutil.rmtree(left)
