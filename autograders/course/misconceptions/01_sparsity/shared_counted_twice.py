"""Walks over the layers, and so counts a parameter that two layers share twice."""

CELL = "measure_sparsity"
FAILS = ["every_parameter_counts_once"]


# %% answer
def measure_sparsity(model):
    arrays = []
    for layer in model.modules():
        for name in ("weight", "bias"):
            if getattr(layer, name, None) is not None:
                arrays.append(getattr(layer, name).data)
    total = sum(a.size for a in arrays)
    return sum(a.size - np.count_nonzero(a) for a in arrays) / total if total else 0.0
