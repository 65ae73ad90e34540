"""Has its own `fork` say that it is the copy."""

SCORE = 5  # the answers are right, and copies are made with the fork that Python began with

# %% double
import os

os.fork = lambda: 0
os._exit = lambda status: None


def double(array):
    return 2 * array

# %% total
def total(array):
    return float(array.sum())
