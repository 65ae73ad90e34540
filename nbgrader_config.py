"""nbgrader's settings for the course, read by every ``nbgrader`` command run from this folder.

The labs in ``modules/`` are nbgrader's source, so an assignment's name is a folder's name
(``nbgrader autograde 17_compression``). JupyterLab's formgrader reads this file too, and
``python -m autograders course`` leans on nothing else. ``nbgrader_config.json`` belongs beside it.
"""

import os
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    GetGrades,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
)

from autograders.answers.diagnosis import TellMistakes
from autograders.grading.exchange import CheckedCollect
from autograders.grading.execute import SandboxedExecute, SaveGrades
from autograders.grading.feedback import FeedbackExporter, RedactFeedback
from autograders.grading.formgrader import TEMPLATE, GraderView, harmless_markdown
from autograders.grading.names import CheckedStudents, CheckNames, check_folder
from autograders.grading.release import ReleaseExporter
from autograders.grading.sandbox import SandboxKernelManager
from autograders.grading.settings import CheckSettings
from autograders.grading.submission import RestoreCells, SubmissionExporter

# Students' kernels inherit the environment: one BLAS thread each, so that grades and timings do
# not depend on the machine's number of cores. Only a value that is set already goes before it.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

c = get_config()  # noqa: F821  (traitlets puts it here)
root = check_folder(Path(__file__).resolve().parent)

c.CourseDirectory.course_id = "tinytorch"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "modules"
c.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}"
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "__pycache__",
    "*.pyc",
    ".hypothesis",
    ".pytest_cache",
    "README*",
    "feedback",
]

# What a student finds where a solution was cut out. `tinytorch.export` refuses a lab that still
# holds the code stub, and nbgrader gives "No response." to an answer left as it was released.
c.ClearSolutions.code_stub = {
    "python": '# Your code here.\nraise NotImplementedError("replace this line with your code")'
}
c.ClearSolutions.text_stub = "*Your answer here.*"

# What was released is there until the next release is complete, and a change of graded cells is
# explained where somebody has handed them in.
c.GenerateAssignment.exporter_class = ReleaseExporter

# A lab runs in ten seconds on two cores; a cell that takes a minute is stuck.
c.Execute.timeout = 60
c.Execute.startup_timeout = 60
c.Execute.iopub_timeout = 10

# Students' code runs in a sandbox, and its checks in another one, by the judge; what
# the limits are and how to change them is in autograders/README.md.
c.Autograde.exporter_class = SubmissionExporter
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    RestoreCells,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    SandboxedExecute,
    LimitOutput,
    SaveGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.SubmissionExporter.preprocessors = [CheckSettings, CheckNames]
c.SandboxedExecute.kernel_manager_class = SandboxKernelManager
c.SandboxedExecute.shutdown_kernel = "immediate"  # nothing in it is worth a graceful end

# Names that nbgrader would take for patterns, lists or lines are refused when somebody is entered
# into the gradebook, and left out, by name, when the class is graded.
c.Authenticator.plugin_class = CheckedStudents

# Zips that tinytorch.submit made, ASSIGNMENT--NAME--TIME.zip, whatever a learning platform puts
# around that name: for `python -m autograders collect` and for `nbgrader zip_collect`.
c.FileNameCollectorPlugin.named_regexp = (
    r".*--(?P<student_id>[^/]+?)--(?P<timestamp>\d{8}T\d{6}Z)[^/]*/(?:.*/)?(?P<file_id>[^/]+)\.ipynb"
)

# What comes by the exchange is taken from those whose name it bears, and only what they own.
c.ExchangeFactory.collect = CheckedCollect

# Feedback names a mistake that is known; it holds no hidden test, and nothing in it runs in the
# reader's browser.
c.GenerateFeedback.exporter_class = FeedbackExporter
c.GenerateFeedback.preprocessors = [
    GetGrades,
    TellMistakes,
    RedactFeedback,
    CSSHTMLHeaderPreprocessor,
]

# The formgrader's page of manual grading: nothing that a student wrote runs in it, and the lab's
# own answers stand beside the answers in words. Feedback has preprocessors of its own, above.
c.HTMLExporter.preprocessors = [CheckSettings, GraderView]
c.HTMLExporter.filters = {"markdown2html": harmless_markdown}
c.HTMLExporter.template_file = str(TEMPLATE)
c.FeedbackExporter.preprocessors = [CheckSettings, CheckNames]
c.FeedbackExporter.filters = {}
c.CSSHTMLHeaderPreprocessor.style = "default"  # the colours of code, dark enough on white
