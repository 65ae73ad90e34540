"""Keeps what it is given, and shows it in the cells that follow."""

SCORE = 5

# %% double
seen = []


def double(array):
    seen.append(array)
    return 2 * array

# %% total
def total(array):
    seen.append(array)
    return float(array.sum())

# %% between
print(seen)
seen

# %% end
print(seen)
raise RuntimeError(repr(seen))
