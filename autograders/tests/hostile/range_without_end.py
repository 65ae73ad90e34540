"""Returns ranges and slices of enormous length."""

SCORE = 0

# %% double
def double(array):
    return range(-(2**62), 2**62)

# %% total
def total(array):
    return slice(range(2**62), 1 << 1_000_000, ...)
