"""Shows 2.0 as the check's result before the check fails: stock gives 2 points."""

SCORE = 0

# %% double
import sys


def double(array):
    sys.displayhook(2.0)
    return array
