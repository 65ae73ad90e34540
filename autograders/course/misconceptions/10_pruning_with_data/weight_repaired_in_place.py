"""Works in the array that it was given."""

CELL = "repair"
FAILS = ["removed_means_exactly_zero"]


# %% answer
def repair(weight, keep, factor):
    new = weight
    for i in np.flatnonzero(~keep.all(axis=1)):
        error = np.where(keep[i], 0, new[i]) / factor[i, i]
        new[i:] -= np.outer(factor[i, i:], error)
    return np.where(keep, new, 0)
