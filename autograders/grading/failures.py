"""What an autograded notebook tells beyond its points: which checks failed, and what they said.

The report leans on it, and whoever looks for a known mistake in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

FAULTS = {  # what .execute writes in place of a check's own failure
    "JudgeLost": "needed too much",
    "NoAnswer": "gave no answer",
    "NotJudged": "not judged",
    "NotReadable": "not readable",
    "NotRun": "not run",
    "Timeout": "ran out of time",
}
_HEADING = re.compile(r"^(##+) +(.+?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def failures(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return what each failed check of an autograded notebook said, by grade id.

    Raises
    ------
    LookupError
        If a check got no points for another reason than its own failure: a kernel that ended, too
        much time, a value that could not be read. Such a pattern says nothing about ideas.
    """
    found: dict[str, str] = {}
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] != "code" or not marks.get("grade") or marks.get("solution"):
            continue
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                if output["ename"] in FAULTS:
                    raise LookupError(f"{marks['grade_id']}: {FAULTS[output['ename']]}")
                said = f"{output['ename']}: {output['evalue']}".removesuffix(": ")
                found.setdefault(marks["grade_id"], said)
    return found


def section(notebook: NotebookNode, cell: str) -> str:
    """Return the section that a cell stands in, for a student to reread; '' if it has no heading.

    The heading of the second level, and after a comma the last one below it.
    """
    headings: list[str] = []
    for candidate in notebook.cells:
        if candidate.metadata.get("nbgrader", {}).get("grade_id") == cell:
            return ", ".join(headings)
        if candidate.cell_type == "markdown":
            for level, text in _HEADING.findall(_FENCE.sub("", candidate.source)):
                headings = [text] if level == "##" else [*headings[:1], text]
    return ""
