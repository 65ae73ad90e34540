"""Changes the weights that it was given."""

CELL = "remove_weight"
FAILS = ["removal_equals_least_squares"]


# %% answer
def remove_weight(weight, gram, index):
    inverse = np.linalg.inv(gram)
    removed = weight[index]
    weight -= removed / inverse[index, index] * inverse[:, index]
    new = weight.astype(np.float64)
    new[index] = 0
    return new, float(removed**2 / inverse[index, index])
