"""Returns an integer with a million digits."""

SCORE = 0

# %% double
def double(array):
    return [1 << 4_000_000, -(1 << 4_000_000)]

# %% total
def total(array):
    return 1 << 4_000_000
