"""Sets the weight to zero and leaves the others."""

CELL = "remove_weight"
FAILS = ["removal_equals_least_squares", "cost_is_the_error_it_makes"]


# %% answer
def remove_weight(weight, gram, index):
    new = weight.astype(np.float64)
    new[index] = 0
    return new, float(weight[index] ** 2 * gram[index, index])
