"""Counts small weights as zeros: only an exact zero can be left out when a matrix is stored."""

CELL = "measure_sparsity"
FAILS = ["near_zero_is_not_zero"]


# %% answer
def measure_sparsity(model):
    arrays = [*(p.data for p in model.parameters()), *quantized_integers(model).values()]
    total = sum(a.size for a in arrays)
    zeros = sum(np.isclose(a, 0).sum() for a in arrays)
    return float(zeros / total) if total else 0.0
