"""Removes what is to be kept."""

CELL = "repair"
FAILS = ["those_behind_are_refitted", "removed_means_exactly_zero"]


# %% answer
def repair(weight, keep, factor):
    keep = ~keep
    new = weight.astype(np.float64)
    for i in np.flatnonzero(~keep.all(axis=1)):
        error = np.where(keep[i], 0, new[i]) / factor[i, i]
        new[i:] -= np.outer(factor[i, i:], error)
    return np.where(keep, new, 0)
