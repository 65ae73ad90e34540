"""One call that has any nbgrader course graded apart: two lines of its ``nbgrader_config.py``.

::

    from autograders.configuration import configure

    configure(get_config(), __file__)

Whatever the course has set before or sets afterwards goes before it. It leans on
:mod:`autograders.grading` and :mod:`autograders.students`, whose parts it names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Any

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
from traitlets.config import Config

from autograders.grading.exchange import CheckedCollect
from autograders.grading.execute import SandboxedExecute, SaveGrades
from autograders.grading.feedback import FeedbackExporter, RedactFeedback
from autograders.grading.formgrader import TEMPLATE, GraderView, harmless_markdown
from autograders.grading.names import CheckNames, check_folder
from autograders.grading.release import ReleaseExporter
from autograders.grading.sandbox import SandboxKernelManager
from autograders.grading.settings import CheckSettings, stand_by
from autograders.grading.submission import RestoreCells, SubmissionExporter
from autograders.students import ListedStudents

# Students' kernels inherit the environment: one BLAS thread each, so that grades and timings do
# not depend on the machine's number of cores. A value that is set already stays.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # What was released is there until the next release is complete, and a change of graded cells
    # is explained where somebody has handed them in.
    "GenerateAssignment": {"exporter_class": ReleaseExporter},
    # What comes by the exchange is taken from those whose name it bears, and only what they own.
    "ExchangeFactory": {"collect": CheckedCollect},
    # Names that nbgrader would take for patterns, lists or lines are refused when somebody is
    # entered into the gradebook, and left out, by name, when the class is graded. A class list is
    # read as spreadsheets write it.
    "Authenticator": {"plugin_class": ListedStudents},
    # Students' code runs in a sandbox, and its checks in another one, by the judge.
    "Autograde": {
        "exporter_class": SubmissionExporter,
        "sanitize_preprocessors": [
            ClearOutput,
            RestoreCells,
            OverwriteKernelspec,
            OverwriteCells,
            CheckCellMetadata,
        ],
        "autograde_preprocessors": [
            SandboxedExecute,
            LimitOutput,
            SaveGrades,
            AssignLatePenalties,
            CheckCellMetadata,
        ],
    },
    "SubmissionExporter": {"preprocessors": [CheckSettings, CheckNames]},
    "SandboxedExecute": {
        "kernel_manager_class": SandboxKernelManager,
        "shutdown_kernel": "immediate",  # nothing in it is worth a graceful end
    },
    # Feedback holds no hidden test, and nothing in it runs in the reader's browser.
    "GenerateFeedback": {
        "exporter_class": FeedbackExporter,
        "preprocessors": [GetGrades, RedactFeedback, CSSHTMLHeaderPreprocessor],
    },
    "FeedbackExporter": {"preprocessors": [CheckSettings, CheckNames], "filters": {}},
    "CSSHTMLHeaderPreprocessor": {"style": "default"},  # dark enough on white
    # The formgrader's page of manual grading: nothing that a student wrote runs in it, and the
    # source's own answers stand beside the answers in words. Feedback has the preprocessors above.
    "HTMLExporter": {
        "preprocessors": [CheckSettings, GraderView],
        "filters": {"markdown2html": harmless_markdown},
        "template_file": str(TEMPLATE),
    },
}


def configure(config: Config, file: str | Path) -> None:
    """Have a course graded in the sandbox and by the judge, and its feedback made safe.

    Parameters
    ----------
    config : Config
        What ``get_config()`` returns. What it has already stays as it is.
    file : str or Path
        The course's ``nbgrader_config.py``. Beside it ``nbgrader_config.json`` is written, if
        there is none: nbgrader goes on without a file that it cannot read, and each of the two
        sees to it that nothing is graded without the other.

    Raises
    ------
    ValueError
        If nbgrader could not find anything in a folder of this name.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    folder = check_folder(Path(file).resolve().parent)
    stand_by(folder)
    for section, settings in SETTINGS.items():
        for key, value in settings.items():
            config[section].setdefault(key, copy(value))
