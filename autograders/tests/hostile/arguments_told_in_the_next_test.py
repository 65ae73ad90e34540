"""Fails the visible part of the next check with what the hidden part before it gave."""

SCORE = 2

# %% double
seen = []


def double(array):
    seen.append(array)
    return 2 * array

# %% total
def total(array):
    raise ValueError(f"twice: {seen}")
