"""Counts what is not zero, and takes its share from one."""

CELL = ["measure_sparsity", "layer_sparsity"]
FAILS = []


# %% answer: measure_sparsity
def measure_sparsity(model):
    parameters = list(model.parameters())
    if not parameters:
        return 0.0
    kept = sum(int(np.count_nonzero(p.data)) for p in parameters)
    return 1 - kept / sum(p.size for p in parameters)


# %% answer: layer_sparsity
def layer_sparsity(model):
    return {
        name: float(1 - np.count_nonzero(p.data) / p.data.size)
        for name, p in model.named_parameters()
    }
