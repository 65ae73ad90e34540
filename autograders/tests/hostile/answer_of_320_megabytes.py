"""Returns 320 MB of numbers, and has the other answer right."""

SCORE = 3

# %% double
def double(array):
    return [np.zeros(2**20) + number for number in range(40)]

# %% total
def total(array):
    return float(array.sum())
