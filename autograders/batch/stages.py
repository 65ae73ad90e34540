"""nbgrader's converters, cut in three: begin a submission, have its notebooks worked on, finish it.

The cut is in the list of preprocessors: those that need no more of the gradebook than the released
labs are for :func:`autograders.batch.worker.work`, those that read or write anything else of it run
here, all of them by nbgrader's own code. A submission's folder is built beside its place and moved
there when the gradebook has its grades: so a folder that is in its place is complete, whatever ends
this process, and a submission that is not there yet gets done by the next run.
:mod:`autograders.batch.run` leans on it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbconvert.writers.files import FilesWriter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback, NbGraderException
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    GetGrades,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from nbgrader.utils import find_all_files
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograders.batch import released
from autograders.batch.gradebook import KeptGradebook
from autograders.batch.outcome import BatchError
from autograders.batch.places import Places
from autograders.batch.worker import Done, Recipe, Task, fingerprint, packages
from autograders.grading import misnamed, names, times
from autograders.grading.execute import LOOK
from autograders.grading.folders import files_in, forget_links, has_room
from autograders.grading.framed import framed
from autograders.grading.passed_over import passed_over
from autograders.grading.settings import checked
from autograders.grading.submission import RestoreCells
from autograders.grading.unreleased import unreleased

# Settings that say where the gradebook is, what stands around a lab, which is sent with it, and
# hooks, which need not be sendable.
_OURS = (
    *("CourseDirectory", "BaseConverter", "Autograde", "GenerateFeedback", "GenerateAssignment"),
    "IncludeHeaderFooter",
)
# Steps that look at the notebook alone, those that look at the released lab too, and those that
# look at the notebook and leave it as it is.
_ALONE = (CheckCellMetadata, ClearMetadataPreprocessor, ClearOutput, IgnorePattern, LimitOutput)
_RELEASED = (*_ALONE, DeduplicateIds, OverwriteCells, OverwriteKernelspec, RestoreCells)
_KEEPERS = (AssignLatePenalties, SaveAutoGrades)


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
    refused : str
        Why it cannot be done at all.
    """

    student: str
    assignment: str
    notebooks: list[str]
    tasks: list[Task] = field(default_factory=list)
    done: dict[str, Done] = field(default_factory=dict)
    sanitise: float = 0.0
    save: float = 0.0
    refused: str = ""

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
        times.forgive(self.coursedir, gradebook.tell)
        self.places = Places(self._final(".", ".").parent, self.coursedir.assignment_id)
        self.recipe = self._recipe()

    def prepare(self) -> list[Submission]:
        """Find the submissions, as nbgrader does, and those that should be done again.

        Raises
        ------
        NbGraderException
            If there are none.
        """
        self.init_notebooks()
        for sentence in self.gradebook.read(lambda: list(names.seen(self))):
            self.gradebook.tell(sentence)
        refused = names.leave_out(self)
        submissions = dict(self.assignments)
        self.assignments.clear()  # they have been looked at
        self.writer = FilesWriter(parent=self, config=self.config)
        self._renew_exporter()
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        found = []
        for path, notebooks in sorted(submissions.items()):
            match = re.match(pattern, path)
            assert match is not None  # the path was made from the pattern
            if match["student"] not in self.coursedir.student_id_exclude.split(","):
                found.append(Submission(match["student"], match["assignment"], sorted(notebooks)))
        if self.force:
            self.places.mark([s.student for s in found], self.coursedir.notebook_id)
        assignment = self.coursedir.assignment_id
        found += [Submission(name, assignment, [], refused=why) for name, why in refused.items()]
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

    def _recipe(self) -> Recipe:
        """Return what the workers do."""
        raise NotImplementedError

    def _lay_out(self, submission: Submission) -> None:
        """Do what nbgrader does once for a submission."""
        self._renew_exporter()
        self.notebooks = submission.notebooks
        self.init_assignment(submission.assignment, submission.student)

    def _begin(self, submission: Submission) -> None:
        """Make a submission's tasks."""
        raise NotImplementedError

    def _save(self, path: str, done: Done) -> None:
        """Do what comes after the worker's part, with the gradebook."""
        raise NotImplementedError

    # The steps

    def _finish(self, submission: Submission) -> None:
        self._lay_out(submission)
        for path in self.notebooks:
            self._save(path, submission.done[_lab(path)])
        self.set_permissions(submission.assignment, submission.student)
        self.run_post_convert_hook()

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

    def _of(self, converter: Any, exporter: type, passes: tuple[tuple[type, ...], ...]) -> Recipe:
        settings = self._settings()
        return Recipe(converter, exporter, passes, settings, fingerprint(packages(settings)))

    def _settings(self) -> Config:
        """Return the settings for the workers."""
        return checked(
            Config({name: value for name, value in self.config.items() if name not in _OURS})
        )

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
    """``nbgrader autograde``: the workers do all but write down the grades."""

    def prepare(self) -> list[Submission]:
        """Find the submissions, and what the gradebook says of the labs as they were released."""
        for sentence in self.gradebook.read(lambda: list(misnamed.place(self))):
            self.gradebook.tell(sentence)
        found = super().prepare()
        done = [(one.student, one.notebooks) for one in found if self._is_done(one)]
        for sentence in self.gradebook.read(
            lambda: [*unreleased(self.coursedir, self.config), *passed_over(self, done)]
        ):
            self.gradebook.tell(sentence)
        self.known = self.gradebook.read(self._known)
        copy = self.gradebook.read(lambda: released.extract(self.coursedir.db_url))
        self.recipe = replace(self.recipe, released=copy)
        return found

    def _is_done(self, submission: Submission) -> bool:
        return not submission.refused and not self.wanted(submission)

    def _known(self) -> set[str]:
        """Return the labs that the gradebook knows."""
        name = self.coursedir.assignment_id
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                return {lab.name for lab in gradebook.find_assignment(name).notebooks}
            except MissingEntry:
                raise NbGraderException(
                    f"the gradebook knows no assignment {name!r}: run nbgrader generate_assignment "
                    f"{name} first"
                ) from None

    def _recipe(self) -> Recipe:
        first = [_class(step) for step in self.sanitize_preprocessors]
        if unknown := [step.__name__ for step in first if not issubclass(step, _RELEASED)]:
            raise CannotSplitError(
                "c.Autograde.sanitize_preprocessors should have steps that need no more of the "
                f"gradebook than the released labs; it is not known of {', '.join(unknown)}. "
                "Plain nbgrader autograde runs them"
            )
        steps = [_class(step) for step in self.autograde_preprocessors]
        cuts = [number for number, step in enumerate(steps, 1) if issubclass(step, Execute)]
        if len(cuts) != 1:
            names = ", ".join(step.__name__ for step in steps)
            raise CannotSplitError(
                "c.Autograde.autograde_preprocessors should have one preprocessor that executes "
                f"the notebook, a subclass of nbgrader's Execute; it has {len(cuts)}: {names}"
            )
        second, after = steps[: cuts[0]], steps[cuts[0] :]
        # If those that write the gradebook leave the notebook alone, the others need not wait.
        self._leaves_notebook = all(issubclass(step, (*_ALONE, *_KEEPERS)) for step in after)
        if self._leaves_notebook:
            second += [step for step in after if issubclass(step, _ALONE)]
            after = [step for step in after if not issubclass(step, _ALONE)]
        self._after = after
        self._sources: dict[str, dict[str, bytes]] = {}
        self._course_files: dict[str, dict[str, bytes]] = {}
        passes = tuple(first), tuple(second)
        return self._of(Autograde, self.exporter_class, passes)

    def _begin(self, submission: Submission) -> None:
        """Gather what the workers need; nothing of it is in its place before they are done."""
        self.notebooks = submission.notebooks
        self.run_pre_convert_hook()
        known = [path for path in submission.notebooks if _lab(path) in self.known]
        if not known:
            raise NbGraderException(
                f"none of its notebooks is a released lab of {submission.assignment}"
            )
        files = self._handed_in(submission.student, submission.assignment)
        submission.tasks = [self._task(path, files) for path in known]

    def _lay_out(self, submission: Submission) -> None:
        super()._lay_out(submission)
        forget_links(
            Path(self._format_source(submission.assignment, submission.student)),
            Path(self._format_dest(submission.assignment, submission.student)),
        )

    def _task(self, path: str, files: Mapping[str, bytes]) -> Task:
        resources = self._resources(path)
        about = resources["nbgrader"]
        key = about["student"], about["assignment"], about["notebook"]
        place = f"{_folder('autograded', *key[:2])}/{key[2]}.ipynb"
        brought = {**files, **self._source(about["assignment"], about["notebook"])}
        given = _folder("source", ".", about["assignment"])
        brought |= {
            f"{given}/{name}": content
            for name, content in self._given_out(about["assignment"]).items()
        }
        try:
            if Path(path).is_file():  # to open a pipe would take for ever
                brought[place] = Path(path).read_bytes()
        except OSError as error:  # the exporter will miss it, and say so in the feedback
            self.log.debug("%s cannot be read: %s", path, error)
        return Task(*key, place, brought, resources)

    def _save(self, path: str, done: Done) -> None:
        resources = self._restored(path, done)
        about = resources["nbgrader"]
        folder = self._format_dest(about["assignment"], about["student"])
        resources["metadata"] = {"name": about["notebook"], "path": folder}
        written = resources.get("outputs", {})  # which another of their labs may have written, too
        resources["outputs"] = {n: c for n, c in written.items() if has_room(Path(folder), n)}
        notebook, text = nbformat.reads(done.text, as_version=4), done.text
        for step in self._after:
            notebook, resources = step(parent=self.exporter)(notebook, resources)
        if not self._leaves_notebook:
            text, resources = self.exporter.from_notebook_node(notebook, resources)
        self.write_single_notebook(text, resources)

    def _source(self, assignment: str, lab: str) -> dict[str, bytes]:
        """Return the lab with its solutions, whose cells the judge runs."""
        if lab not in self._sources:
            folder = self.coursedir.format_path(self.coursedir.source_directory, ".", assignment)
            path = Path(folder, f"{lab}.ipynb")
            self._sources[lab] = {}
            if path.exists():
                root = Path(self.coursedir.root)
                text = framed(path.read_text(encoding="utf-8"), self.config, root)
                notebook = nbformat.reads(text, as_version=4)
                for cell in notebook.cells:
                    if cell.cell_type == "code":
                        cell.outputs = []
                place = f"{_folder('source', '.', assignment)}/{lab}.ipynb"
                self._sources[lab] = {place: nbformat.writes(notebook).encode()}
        return self._sources[lab]

    def _handed_in(self, student: str, assignment: str) -> dict[str, bytes]:
        """Return the notebooks that were handed in, and the other files as they are graded."""
        submitted = Path(self._format_source(assignment, student))
        notebooks = {
            f"{_folder('submitted', student, assignment)}/{name}": path.read_bytes()
            for name, path in files_in(submitted)
            if path.suffix == ".ipynb"
        }
        others = {
            str(path.relative_to(submitted)): path.read_bytes()
            for path in map(Path, find_all_files(str(submitted), self._ignored()))
            if path.is_file() and not path.is_symlink()
        }
        others |= self._given_out(assignment)
        graded = _folder("autograded", student, assignment)
        return notebooks | {f"{graded}/{name}": content for name, content in others.items()}

    def _given_out(self, assignment: str) -> dict[str, bytes]:
        """Return what the course gives out beside the labs, by place."""
        if assignment not in self._course_files:
            source = Path(
                self.coursedir.format_path(self.coursedir.source_directory, ".", assignment)
            )
            kept = {source / name for name in self.exclude_overwriting.get(assignment, [])}
            self._course_files[assignment] = {
                str(path.relative_to(source)): path.read_bytes()
                for path in map(Path, find_all_files(str(source), self._ignored()))
                if path not in kept
            }
        return self._course_files[assignment]

    def _ignored(self) -> list[str]:
        return [*self.coursedir.ignore, "*.ipynb"]


class Feedback(Stages, GenerateFeedback):
    """``nbgrader generate_feedback``, cut behind the preprocessor that reads the gradebook."""

    def _recipe(self) -> Recipe:
        steps = [_class(step) for step in self.preprocessors]
        cut = max((n for n, step in enumerate(steps, 1) if issubclass(step, GetGrades)), default=0)
        self._before, passes = steps[:cut], (tuple(steps[cut:]),)
        return self._of(GenerateFeedback, self.exporter_class, passes)

    def _begin(self, submission: Submission) -> None:
        self.notebooks = submission.notebooks
        self.run_pre_convert_hook()
        self._lay_out(submission)
        submission.tasks = [self._task(path) for path in self.notebooks]

    def _task(self, path: str) -> Task:
        """Return a notebook with its grades, which the gradebook has."""
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
