"""Counts the parameters alone: the integers that a quantized layer stores are numbers too."""

CELL = "measure_sparsity"
FAILS = ["every_parameter_counts_once"]


# %% answer
def measure_sparsity(model):
    arrays = [p.data for p in model.parameters()]
    total = sum(a.size for a in arrays)
    return sum(a.size - int(np.count_nonzero(a)) for a in arrays) / total if total else 0.0
