"""Returns arrays without entries, whose other dimensions are as long as they can be."""

SCORE = 0

# %% double
def double(array):
    return np.empty((0, 2**40))

# %% total
def total(array):
    return np.empty((2**20, 0, 2**20, 1, 1, 1))
