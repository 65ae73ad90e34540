"""Labs whose source was changed after their release: what is judged is not what students have.

The judge runs the checks of the source; which cells there are, what they are worth and what stands
in a student's notebook, the gradebook says, as of the last release. :func:`unreleased` tells where
the two differ. :mod:`.submission` and :mod:`autograders.batch.stages` lean on it, and it on
:mod:`.changes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions, InstantiateTests
from traitlets.config import Config

from autograders.grading import changes
from autograders.grading.framed import framed
from autograders.grading.matching import text_of
from autograders.grading.reading import UnreadableNotebook, read_notebook


def unreleased(course: CourseDirectory, config: Config) -> Iterator[str]:
    """Yield a sentence for each lab of an assignment whose source is not what was released.

    Parameters
    ----------
    course : CourseDirectory
    config : Config
        The course's settings. If it has steps of its own for a release, nothing is said, for these
        may change anything.
    """
    name = course.assignment_id
    if "preprocessors" in config.GenerateAssignment:
        return
    with Gradebook(course.db_url, course.course_id) as gradebook:
        labs = changes.known(gradebook, name)
    made = (  # by nbgrader, from what stands in the source
        InstantiateTests(config=config).autotest_delimiter,
        ClearSolutions(config=config).begin_solution_delimeter,
    )
    for lab, known in sorted(labs.items()):
        path = Path(course.format_path(course.source_directory, ".", name), f"{lab}.ipynb")
        try:
            text = framed(path.read_text(encoding="utf-8"), config, Path(course.root))
            cells = read_notebook(text).cells
        except (OSError, UnreadableNotebook):
            continue  # which is said where it is needed
        if found := sorted(_differing(cells, known, made)):
            yield (
                f"{lab}: the source is not what was released ({', '.join(found)}). Checks are "
                "judged as the source has them; points, and what students see, are of the "
                f"release. To release it as it is now: nbgrader generate_assignment {name} --force"
            )


def _differing(
    cells: Iterable[NotebookNode], known: Mapping[str, changes.Cell], made: Iterable[str]
) -> set[str]:
    """Return the grade ids of cells that are new, gone, worth other points, or other checks."""
    found, seen = set[str](), set[str]()
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        grade, solution, task = (bool(marks.get(key)) for key in ("grade", "solution", "task"))
        name = str(marks.get("grade_id"))
        if not (grade or solution or task or marks.get("locked")):
            continue
        seen.add(name)
        one = known.get(name)
        now = changes.kind(grade, solution, task)
        worth = float(marks.get("points", 0)) if grade or task else 0
        if one is None or one.kind != now or (one.points or 0) != worth:
            found.add(name)
        made_anew = solution or any(mark in cell.source for mark in made)
        if one and grade and not made_anew and text_of(cell.source) != text_of(one.source):
            found.add(name)
    return found | (known.keys() - seen)
