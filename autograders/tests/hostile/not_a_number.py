"""Returns numbers that are no numbers, in every type that has one."""

SCORE = 0

# %% double
def double(array):
    return np.array(["NaT", "NaT"], dtype="datetime64[s]")

# %% total
def total(array):
    return complex("nan+nanj")
