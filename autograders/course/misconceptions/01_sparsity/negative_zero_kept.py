"""Looks at the bits of a number, and takes -0.0 for a number that is not zero."""

CELL = "measure_sparsity"
FAILS = ["near_zero_is_not_zero"]


# %% answer
def measure_sparsity(model):
    arrays = [*(p.data for p in model.parameters()), *quantized_integers(model).values()]
    total = sum(a.size for a in arrays)
    zeros = sum(int(((a == 0) & ~np.signbit(a)).sum()) for a in arrays)
    return zeros / total if total else 0.0
