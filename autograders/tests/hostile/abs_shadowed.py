"""Defines an abs of its own that is always 0."""

SCORE = 0

# %% scratch
def abs(x):
    return 0
