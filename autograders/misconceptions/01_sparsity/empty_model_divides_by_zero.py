"""Divides by the number of parameters without asking whether there are any."""

CELL = "measure_sparsity"
FAILS = ["near_zero_is_not_zero"]


# %% answer
def measure_sparsity(model):
    total = sum(p.data.size for p in model.parameters())
    zeros = sum(p.data.size - np.count_nonzero(p.data) for p in model.parameters())
    return zeros / total
