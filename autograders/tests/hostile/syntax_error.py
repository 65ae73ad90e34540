"""Has a cell that is no Python."""

SCORE = 0

# %% double
def double(array)
    return 2 * array
