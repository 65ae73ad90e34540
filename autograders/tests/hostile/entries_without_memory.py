"""Returns an array of 2**40 entries that all stand in one place."""

SCORE = 0

# %% double
def double(array):
    return np.broadcast_to(np.float64(2.0), (2**40,))

# %% total
def total(array):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (2**20, 2**20), (0, 0))
