"""Fills memory a little at a time while a check waits for the answer."""

SCORE = 0

# %% double
def double(array):
    hoard = []
    for _ in range(60):
        hoard.append(np.ones(2**23))
    return array
