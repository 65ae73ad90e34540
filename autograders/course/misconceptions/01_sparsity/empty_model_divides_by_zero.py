"""Divides by the number of parameters without asking whether there are any."""

CELL = "measure_sparsity"
FAILS = ["near_zero_is_not_zero"]


# %% answer
def measure_sparsity(model):
    arrays = [*(p.data for p in model.parameters()), *quantized_integers(model).values()]
    total = sum(a.size for a in arrays)
    zeros = sum(a.size - np.count_nonzero(a) for a in arrays)
    return zeros / total
