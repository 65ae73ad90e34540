"""Takes the mean error of all outputs for each of them."""

CELL = "repair"
FAILS = ["those_behind_are_refitted"]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    for i in np.flatnonzero(~keep.all(axis=1)):
        error = np.where(keep[i], 0, new[i]) / factor[i, i]
        error = np.full_like(error, error.mean())
        new[i:] -= np.outer(factor[i, i:], error)
    return np.where(keep, new, 0)
