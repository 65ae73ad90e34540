"""nbgrader's converters, cut in three: begin a submission, have its notebooks worked on, finish it.

The cut is in the list of preprocessors: those that read the gradebook run here, those that need
none are for :func:`autograders.batch.worker.work`, those that write it run here again, all of them
by nbgrader's own code. A submission's folder is built beside its place and moved there when the
gradebook has its grades: so a folder that is in its place is complete, whatever ends this process,
and a submission that is not there yet gets done by the next run.
:mod:`autograders.batch.run` leans on it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbconvert.writers.files import FilesWriter
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import Execute, GetGrades
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograders.batch.gradebook import KeptGradebook
from autograders.batch.outcome import BatchError
from autograders.batch.places import Places
from autograders.batch.worker import Done, Recipe, Task, fingerprint
from autograders.grading.execute import LOOK, files_in, forget_links

# Settings that say where the gradebook is, and hooks, which need not be sendable.
_OURS = ("CourseDirectory", "BaseConverter", "Autograde", "GenerateFeedback", "GenerateAssignment")


class CannotSplitError(BatchError):
    """The preprocessors that are configured cannot be cut; the message says why."""


@dataclass
class Submission:
    """One student's work on its way through the stages.

    Attributes
    ----------
    student, assignment : str
        Whose it is.
    notebooks : list of str
        The notebooks' paths.
    tasks : list of Task
        What workers have to do.
    done : dict of str to Done
        By lab, what they have done.
    sanitise, save : float
        Seconds that the coordinator took before and after.
    """

    student: str
    assignment: str
    notebooks: list[str]
    tasks: list[Task] = field(default_factory=list)
    done: dict[str, Done] = field(default_factory=dict)
    sanitise: float = 0.0
    save: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every notebook has come back."""
        return len(self.done) == len(self.tasks)

    def looks(self) -> Iterator[tuple[str, str, str]]:
        """Yield what a person should look at: lab, grade id or nothing, and why."""
        for lab, done in sorted(self.done.items()):
            for name, reason in done.resources["nbgrader"].get(LOOK, {}).items():
                yield lab, name, reason


class Stages(BaseConverter):
    """What the two stages of nbgrader that are run here for a whole class have in common.

    Mixed into one of nbgrader's converters, whose settings it reads.

    Parameters
    ----------
    gradebook : KeptGradebook
        Takes the place of the one in nbgrader's settings.
    again : bool
        As nbgrader's ``--force``.
    """

    def __init__(self, gradebook: KeptGradebook, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gradebook = gradebook
        self.coursedir.db_url = gradebook.url
        self.places = Places(self._final(".", ".").parent, self.coursedir.assignment_id)
        self.recipe = Recipe(*self._middle(), self._settings(), fingerprint())

    def prepare(self) -> list[Submission]:
        """Find the submissions, as nbgrader does, and those that should be done again.

        Raises
        ------
        NbGraderException
            If there are none.
        """
        self.init_notebooks()
        self.writer = FilesWriter(parent=self, config=self.config)
        self._renew_exporter()
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        found = []
        for path, notebooks in sorted(self.assignments.items()):
            match = re.match(pattern, path)
            assert match is not None  # the path was made from the pattern
            if match["student"] not in self.coursedir.student_id_exclude.split(","):
                found.append(Submission(match["student"], match["assignment"], sorted(notebooks)))
        if self.force:
            self.places.mark([s.student for s in found], self.coursedir.notebook_id)
        return found

    def wanted(self, submission: Submission) -> bool:
        """Return whether nbgrader would do a submission, or an earlier ``--force`` has not yet."""
        final = self._final(submission.assignment, submission.student)
        if self.coursedir.notebook_id == "*":
            missing = not final.exists()
        else:
            missing = not all(
                (final / self._output(path)).exists() for path in submission.notebooks
            )
        if missing or self.places.marked(submission.student):
            return True
        source = self._format_source(submission.assignment, submission.student)
        new, old = map(self.coursedir.get_existing_timestamp, (source, str(final)))
        return new is not None and old is not None and new > old

    def begin(self, submission: Submission) -> None:
        """Make a submission's tasks; nothing of it is in the gradebook yet.

        Parameters
        ----------
        submission : Submission
            Its tasks are filled in.
        """
        start = perf_counter()
        self.places.repair(self._final(submission.assignment, submission.student))
        self._clear(submission)
        self.gradebook.read(lambda: self._begin(submission))
        submission.sanitise = perf_counter() - start

    def finish(self, submission: Submission) -> None:
        """Write the gradebook, and then the folder; after this the submission is done for good."""
        start = perf_counter()
        self.gradebook.write(lambda: self._finish(submission))
        final = self._final(submission.assignment, submission.student)
        self.places.swap(Path(self._format_dest(submission.assignment, submission.student)), final)
        self.places.unmark(submission.student, self.coursedir.notebook_id)
        submission.save = perf_counter() - start

    def abandon(self, submission: Submission) -> None:
        """Remove what there is of a submission that will not be finished."""
        staging = Path(self._format_dest(submission.assignment, submission.student))
        shutil.rmtree(staging, ignore_errors=True)
        self.places.tidy(staging.parent)

    # What a converter does differently

    def _middle(self) -> tuple[type[BaseConverter], type, tuple[type, ...]]:
        """Return the converter, the exporter and the preprocessors for the workers."""
        raise NotImplementedError

    def _sanitise(self, path: str) -> Task:
        """Do what comes before the worker's part, with the gradebook."""
        raise NotImplementedError

    def _save(self, path: str, done: Done) -> None:
        """Do what comes after the worker's part, with the gradebook."""
        raise NotImplementedError

    # The steps

    def _begin(self, submission: Submission) -> None:
        self._lay_out(submission)
        self.run_pre_convert_hook()
        submission.tasks = [self._sanitise(path) for path in self.notebooks]

    def _finish(self, submission: Submission) -> None:
        self._lay_out(submission)
        for path in self.notebooks:
            self._save(path, submission.done[_lab(path)])
        self.set_permissions(submission.assignment, submission.student)
        self.run_post_convert_hook()

    def _lay_out(self, submission: Submission) -> None:
        self._renew_exporter()
        self.notebooks = submission.notebooks
        self.init_assignment(submission.assignment, submission.student)

    def _renew_exporter(self) -> None:
        """Make an exporter, which remembers something of each notebook that it reads."""
        self.exporter = self.exporter_class(parent=self, config=self.config)
        self.exporter.optimistic_validation = True  # once, and not after every preprocessor

    def _clear(self, submission: Submission) -> None:
        """Make the folder that will be moved: empty, or with the notebooks that are left alone."""
        staging = Path(self._format_dest(submission.assignment, submission.student))
        final = self._final(submission.assignment, submission.student)
        if staging.exists():
            shutil.rmtree(staging)
        if self.coursedir.notebook_id != "*" and final.exists():
            shutil.copytree(final, staging)
            for path in submission.notebooks:
                (staging / self._output(path)).unlink(missing_ok=True)
        staging.mkdir(parents=True, exist_ok=True)

    def _format_dest(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        """Return where a submission's folder is built: beside its place, and hidden."""
        final = Path(super()._format_dest(assignment_id, student_id, escape))
        return str(final.with_name(f".{final.name}.grading"))

    def _final(self, assignment: str, student: str) -> Path:
        path = self.coursedir.format_path(self._output_directory, student, assignment)
        return Path(os.path.normpath(path))

    def _output(self, path: str) -> str:
        return f"{_lab(path)}{self.exporter.file_extension}"

    def _settings(self) -> Config:
        """Return the settings for the workers."""
        return Config({name: value for name, value in self.config.items() if name not in _OURS})

    def _resources(self, path: str) -> dict[str, Any]:
        """Return nbgrader's resources for a notebook, for somebody without the gradebook."""
        resources = self.init_single_notebook_resources(path)
        del resources["nbgrader"]["db_url"]
        return resources

    def _restored(self, path: str, done: Done) -> dict[str, Any]:
        resources = {**self.init_single_notebook_resources(path), **done.resources}
        resources["nbgrader"] = {**done.resources["nbgrader"], "db_url": self.gradebook.url}
        return resources


class Grading(Stages, Autograde):
    """``nbgrader autograde``, cut at the preprocessor that executes the notebook."""

    def _middle(self) -> tuple[type[BaseConverter], type, tuple[type, ...]]:
        steps = [_class(step) for step in self.autograde_preprocessors]
        cuts = [number for number, step in enumerate(steps, 1) if issubclass(step, Execute)]
        if len(cuts) != 1:
            names = ", ".join(step.__name__ for step in steps)
            raise CannotSplitError(
                "c.Autograde.autograde_preprocessors should have one preprocessor that executes "
                f"the notebook, a subclass of nbgrader's Execute; it has {len(cuts)}: {names}"
            )
        self._after = steps[cuts[0] :]
        self._sources: dict[str, dict[str, bytes]] = {}
        return Autograde, self.exporter_class, tuple(steps[: cuts[0]])

    def _lay_out(self, submission: Submission) -> None:
        super()._lay_out(submission)
        forget_links(
            Path(self._format_source(submission.assignment, submission.student)),
            Path(self._format_dest(submission.assignment, submission.student)),
        )

    def _sanitise(self, path: str) -> Task:
        resources = self.init_single_notebook_resources(path)
        about = resources["nbgrader"]
        self._init_preprocessors()  # those that sanitise: nbgrader goes back to them by itself
        text, resources = self.exporter.from_filename(path, resources=resources)
        key = about["student"], about["assignment"], about["notebook"]
        unreadable = getattr(self.exporter, "unreadable", {}).pop(key, "")
        files = {
            **self._source(about["assignment"], about["notebook"]),
            **self._handed_in(about["student"], about["assignment"]),
            f"{_folder('autograded', *key[:2])}/{key[2]}.ipynb": text.encode(),
        }
        place = f"{_folder('autograded', *key[:2])}/{key[2]}.ipynb"
        return Task(*key, place, files, self._resources(path), unreadable)

    def _save(self, path: str, done: Done) -> None:
        resources = self._restored(path, done)
        about = resources["nbgrader"]
        folder = self._format_dest(about["assignment"], about["student"])
        resources["metadata"] = {"name": about["notebook"], "path": folder}
        self.exporter._preprocessors = []  # as Autograde does before each of its halves
        for step in self._after:
            self.exporter.register_preprocessor(step)
        notebook = nbformat.reads(done.text, as_version=4)
        text, resources = self.exporter.from_notebook_node(notebook, resources)
        self.write_single_notebook(text, resources)

    def _source(self, assignment: str, lab: str) -> dict[str, bytes]:
        """Return the lab with its solutions, which the proofs take their answers from."""
        if lab not in self._sources:
            folder = self.coursedir.format_path(self.coursedir.source_directory, ".", assignment)
            path = Path(folder, f"{lab}.ipynb")
            self._sources[lab] = {}
            if path.exists():
                notebook = nbformat.read(path, as_version=4)
                for cell in notebook.cells:
                    if cell.cell_type == "code":
                        cell.outputs = []
                place = f"{_folder('source', '.', assignment)}/{lab}.ipynb"
                self._sources[lab] = {place: nbformat.writes(notebook).encode()}
        return self._sources[lab]

    def _handed_in(self, student: str, assignment: str) -> dict[str, bytes]:
        """Return the notebooks that were handed in, and the other files as they are graded."""
        submitted = Path(self._format_source(assignment, student))
        graded = Path(self._format_dest(assignment, student))
        return {
            f"{_folder(step, student, assignment)}/{name}": path.read_bytes()
            for step, folder in (("submitted", submitted), ("autograded", graded))
            for name, path in files_in(folder)
            if (path.suffix == ".ipynb") == (step == "submitted")
        }


class Feedback(Stages, GenerateFeedback):
    """``nbgrader generate_feedback``, cut behind the preprocessor that reads the gradebook."""

    def _middle(self) -> tuple[type[BaseConverter], type, tuple[type, ...]]:
        steps = [_class(step) for step in self.preprocessors]
        cut = max((n for n, step in enumerate(steps, 1) if issubclass(step, GetGrades)), default=0)
        self._before = steps[:cut]
        return GenerateFeedback, self.exporter_class, tuple(steps[cut:])

    def _sanitise(self, path: str) -> Task:
        resources = self.init_single_notebook_resources(path)
        notebook = nbformat.read(path, as_version=4)
        for step in self._before:
            notebook, resources = step(parent=self.exporter)(notebook, resources)
        about = resources["nbgrader"]
        del about["db_url"]
        key = about["student"], about["assignment"], about["notebook"]
        place = f"{_folder('autograded', *key[:2])}/{key[2]}.ipynb"
        files = {place: nbformat.writes(notebook).encode()}
        folder = self.coursedir.format_path(self.coursedir.submitted_directory, *key[:2])
        handed_in = Path(folder, f"{key[2]}.ipynb")
        if handed_in.is_file():
            files[f"{_folder('submitted', *key[:2])}/{key[2]}.ipynb"] = handed_in.read_bytes()
        return Task(*key, place, files, resources)

    def _save(self, path: str, done: Done) -> None:
        self.write_single_notebook(done.text, self._restored(path, done))


def _class(step: type | str) -> type:
    """Return a preprocessor's class, which nbgrader's settings may name."""
    return import_item(step) if isinstance(step, str) else step


def _lab(path: str) -> str:
    return Path(path).stem


def _folder(step: str, student: str, assignment: str) -> str:
    """Return a folder's place where no setting says otherwise: in a worker's course folder."""
    return os.path.normpath(f"{step}/{student}/{assignment}")
