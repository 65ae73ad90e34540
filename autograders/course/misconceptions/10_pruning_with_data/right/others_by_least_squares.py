"""Solves the normal equations of the inputs that are left."""

CELL = "remove_weight"
FAILS = []


# %% answer
def remove_weight(weight, gram, index):
    others = np.delete(np.arange(weight.size), index)
    new = np.zeros(weight.size)
    new[others] = np.linalg.solve(gram[np.ix_(others, others)], (gram @ weight)[others])
    moved = np.asarray(weight, np.float64) - new
    return new, float(moved @ (gram @ moved))
