"""nbgrader's settings for the course, read by every ``nbgrader`` command run from this folder.

The labs in ``modules/`` are nbgrader's source, so an assignment's name is a folder's name
(``nbgrader autograde 17_compression``). JupyterLab's formgrader reads this file too, and
``python -m autograders course`` leans on nothing else. ``nbgrader_config.json`` belongs beside it.
"""

from pathlib import Path

from autograders.configuration import configure
from autograders.course.answers.diagnosis import TellMistakes

c = get_config()  # noqa: F821  (traitlets puts it here)
configure(c, __file__)
root = Path(__file__).resolve().parent

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

# A lab runs in ten seconds on two cores; a cell that takes a minute is stuck.
c.Execute.timeout = 60
c.Execute.startup_timeout = 60
c.Execute.iopub_timeout = 10

# What labs import of the course's own, without what is exported from later ones; and how its
# tensors pass between an answer and its checks.
c.Sandbox.packages = {"tinytorch": "autograders.course.taught.covered"}
c.Crossing.packages = ["tinytorch"]
c.Crossing.extensions = {"tinytorch": "autograders.course.codec"}

# Zips that tinytorch.submit made, ASSIGNMENT--NAME--TIME.zip, whatever a learning platform puts
# around that name: for `python -m autograders collect` and for `nbgrader zip_collect`.
c.FileNameCollectorPlugin.named_regexp = (
    r".*--(?P<student_id>[^/]+?)--(?P<timestamp>\d{8}T\d{6}Z)[^/]*/(?:.*/)?(?P<file_id>[^/]+)\.ipynb"
)

# Feedback names a mistake that is known; the report counts them.
c.GenerateFeedback.preprocessors.insert(1, TellMistakes)
c.ClassReport.diagnose = "autograders.course.answers.diagnosis.diagnose"
c.ClassReport.sample = "sample_"
c.ClassReport.reached = r"^([\d,]+) bytes, ([\d.]+)% "

# What `python -m autograders` does for this course alone.
c.Commands.more = "autograders.course.commands"
