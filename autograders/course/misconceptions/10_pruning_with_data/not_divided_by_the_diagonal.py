"""Forgets to divide by the entry of the inverse."""

CELL = "remove_weight"
FAILS = ["removal_equals_least_squares"]


# %% answer
def remove_weight(weight, gram, index):
    inverse = np.linalg.inv(gram)
    new = weight - weight[index] * inverse[:, index]
    new[index] = 0
    return new, float(weight[index] ** 2 / inverse[index, index])
