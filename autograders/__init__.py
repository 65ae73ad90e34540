"""Grading for any nbgrader course: apart from the answers, in a sandbox, for a large class.

:mod:`.configuration` plugs :mod:`.grading` into nbgrader; :mod:`.commands` are what an instructor
runs beside it. What belongs to this course alone is in :mod:`.course`. Outside that room it leans
on nbgrader and on NumPy, and on nothing of the course.
"""

ELSEWHERE = (
    'It needs Linux. Elsewhere, grade in the container of autograders/README.md, "On a Mac or '
    'Windows"; students, collect, return and report run anywhere.'
)
