"""Checks are judged in a process of their own, which never runs a line of a student's.

:mod:`.plan` reads from the lab's source which of its cells a check needs, and which names it takes
from the answers; :mod:`.process` starts the judge in a sandbox and puts checks before it;
:mod:`.outcome` says in words what came of one. What passes between the judge and the student's
kernel is the business of :mod:`autograders.grading.crossing`.
:mod:`autograders.grading.execute` leans on this package.
"""
