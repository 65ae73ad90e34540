"""Returns the weights in the precision that they came in."""

CELL = "remove_weight"
FAILS = ["removal_equals_least_squares"]


# %% answer
def remove_weight(weight, gram, index):
    inverse = np.linalg.inv(gram)
    new = weight - weight[index] / inverse[index, index] * inverse[:, index]
    new[index] = 0
    new = new.astype(weight.dtype)
    return new, float(weight[index] ** 2 / inverse[index, index])
