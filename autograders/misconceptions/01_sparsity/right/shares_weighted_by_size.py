"""Adds up the shares of all parameters, each weighted by its part of the model's size."""

CELL = ["measure_sparsity", "layer_sparsity"]
FAILS = []


# %% answer: measure_sparsity
def measure_sparsity(model):
    total = sum(p.size for p in model.parameters())
    return float(sum((p.size / total) * np.mean(p.data == 0) for p in model.parameters()))


# %% answer: layer_sparsity
def layer_sparsity(model):
    shares = {}
    for name, p in model.named_parameters():
        shares[name] = 1.0 - float(np.mean(p.data != 0))
    return shares
