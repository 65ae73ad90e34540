"""Sets zeros and leaves what is kept."""

CELL = "repair"
FAILS = ["those_behind_are_refitted"]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    return np.where(keep, new, 0)
