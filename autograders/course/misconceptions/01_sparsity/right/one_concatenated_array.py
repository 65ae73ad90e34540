"""Joins all parameters into one array and takes the mean of a comparison."""

CELL = "measure_sparsity"
FAILS = []


# %% answer
def measure_sparsity(model):
    flat = [p.data.ravel() for p in model.parameters()]
    flat += [values.ravel() for values in quantized_integers(model).values()]
    return float(np.mean(np.concatenate(flat) == 0)) if flat else 0.0
