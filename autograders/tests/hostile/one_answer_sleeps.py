"""Has one answer that takes too long, and one that is right."""

SCORE = 3

# %% double
import time


def double(array):
    time.sleep(10)
    return 2 * array

# %% total
def total(array):
    return float(array.sum())
