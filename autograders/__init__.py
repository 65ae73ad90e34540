"""Everything an instructor runs: nbgrader plug-ins, the course's own checks, batch grading.

It leans on nbgrader and on `tinytorch`; nothing in `tinytorch` leans on it.
"""

ELSEWHERE = (
    'It needs Linux. Elsewhere, grade in the container of autograders/README.md, "On a Mac or '
    'Windows"; lint, kit, students, collect and report run anywhere.'
)
