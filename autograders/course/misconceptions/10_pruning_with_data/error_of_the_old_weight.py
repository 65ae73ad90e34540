"""Makes up for what the weight was in the beginning, not for what it has become."""

CELL = "repair"
FAILS = ["those_behind_are_refitted"]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    for i in np.flatnonzero(~keep.all(axis=1)):
        error = np.where(keep[i], 0, weight[i]) / factor[i, i]
        new[i:] -= np.outer(factor[i, i:], error)
    return np.where(keep, new, 0)
