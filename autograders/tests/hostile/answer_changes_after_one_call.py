"""Has a right answer that makes itself another one at the first call."""

SCORE = 0

# %% double
def double(array):
    global double
    double = lambda array: np.array([2.0, 4.0])
    return 2 * array

# %% total
def total(array):
    del globals()["total"]
    return float(array.sum())
