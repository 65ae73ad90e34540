"""Calls itself for ever."""

SCORE = 0

# %% double
def double(array):
    return double(array)
