"""Uses the whole inverse at each step, so that inputs that have been passed move again."""

CELL = "repair"
FAILS = ["those_behind_are_refitted"]


# %% answer
def repair(weight, keep, factor):
    new = weight.astype(np.float64)
    for i in np.flatnonzero(~keep.all(axis=1)):
        inverse = factor.T @ factor
        error = np.where(keep[i], 0, new[i]) / inverse[i, i]
        new -= np.outer(inverse[i], error)
    return np.where(keep, new, 0)
