"""Clears the output of the check that it is called by."""

SCORE = 0

# %% double
from IPython.display import clear_output


def double(array):
    clear_output(wait=True)
    return array
