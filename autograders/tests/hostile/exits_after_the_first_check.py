"""Has one answer right and then ends Python."""

SCORE = 2

# %% double
def double(array):
    return 2 * array

# %% between
import os

os._exit(0)
