"""Answers for the grader."""

SCORE = 0

# %% scratch
__course__ = lambda request: request
