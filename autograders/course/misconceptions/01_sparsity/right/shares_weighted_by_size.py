"""Adds up the shares of all parameters, each weighted by its part of the model's size."""

CELL = ["measure_sparsity", "layer_sparsity"]
FAILS = []


# %% answer: measure_sparsity
def measure_sparsity(model):
    arrays = [*(p.data for p in model.parameters()), *quantized_integers(model).values()]
    total = sum(a.size for a in arrays)
    return float(sum((a.size / total) * np.mean(a == 0) for a in arrays))


# %% answer: layer_sparsity
def layer_sparsity(model):
    shares = {}
    for name, p in model.named_parameters():
        shares[name] = 1.0 - float(np.mean(p.data != 0))
    for name, integers in quantized_integers(model).items():
        shares[name] = 1.0 - float(np.mean(integers != 0))
    return shares
