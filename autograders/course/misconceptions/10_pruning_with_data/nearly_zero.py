"""Leaves the removed weight at what rounding makes of zero."""

CELL = "remove_weight"
FAILS = ["removal_equals_least_squares"]


# %% answer
def remove_weight(weight, gram, index):
    inverse = np.linalg.inv(gram)
    new = weight - weight[index] / inverse[index, index] * inverse[:, index]
    new[index] += 1e-17
    return new, float(weight[index] ** 2 / inverse[index, index])
