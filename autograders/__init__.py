"""Everything an instructor runs: nbgrader plug-ins, the course's own checks, batch grading.

It leans on nbgrader and on `tinytorch`; nothing in `tinytorch` leans on it.
"""
