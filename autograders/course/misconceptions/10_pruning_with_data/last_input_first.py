"""Goes from the last input to the first."""

CELL = "repair"
FAILS = ["those_behind_are_refitted"]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    for i in np.flatnonzero(~keep.all(axis=1))[::-1]:
        error = np.where(keep[i], 0, new[i]) / factor[i, i]
        new[i:] -= np.outer(factor[i, i:], error)
    return np.where(keep, new, 0)
