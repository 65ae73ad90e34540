"""Repairs column by column, in steps over its removed weights."""

CELL = "repair"
FAILS = []


# %% answer
def repair(weight, keep, factor):
    new = np.array(weight, dtype=float)
    for column in range(new.shape[1]):
        w = new[:, column]
        for i in range(len(w)):
            if not keep[i, column]:
                w[i + 1 :] -= factor[i, i + 1 :] * (w[i] / factor[i, i])
                w[i] = 0.0
    return new
