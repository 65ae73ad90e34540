"""Counts small weights as zeros: only an exact zero can be left out when a matrix is stored."""

CELL = "measure_sparsity"
FAILS = ["near_zero_is_not_zero"]


# %% answer
def measure_sparsity(model):
    total = sum(p.data.size for p in model.parameters())
    zeros = sum(np.isclose(p.data, 0).sum() for p in model.parameters())
    return float(zeros / total) if total else 0.0
