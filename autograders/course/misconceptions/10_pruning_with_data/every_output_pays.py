"""Moves the others for every output, also where the weight is kept."""

CELL = "repair"
FAILS = ["those_behind_are_refitted"]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    for i in np.flatnonzero(~keep.all(axis=1)):
        error = new[i] / factor[i, i]
        new[i:] -= np.outer(factor[i, i:], error)
    return np.where(keep, new, 0)
