"""Subtracts the share that is kept from one, for each parameter too, and rounds as it comes."""

CELL = ["measure_sparsity", "layer_sparsity"]
FAILS = []


# %% answer: measure_sparsity
def measure_sparsity(model):
    arrays = [*(p.data for p in model.parameters()), *quantized_integers(model).values()]
    kept = sum(np.count_nonzero(a) for a in arrays)
    total = sum(a.size for a in arrays)
    if total == 0:
        return 0.0
    return float(1 - kept / total)


# %% answer: layer_sparsity
def layer_sparsity(model):
    sparsity = {}
    for name, p in model.named_parameters():
        sparsity[name] = 1 - np.count_nonzero(p.data) / p.size
    for name, integers in quantized_integers(model).items():
        sparsity[name] = 1 - np.count_nonzero(integers) / integers.size
    return sparsity
