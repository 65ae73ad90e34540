"""Has its own source say what a hidden part gave when the next visible part fails."""

SCORE = 2

# %% double
seen = []


def double(array):
    seen.append(repr(array))
    return 2 * array

# %% total
import linecache


def total(array):
    linecache.getline = lambda *args, **kwargs: " ".join(seen)
    raise ValueError
