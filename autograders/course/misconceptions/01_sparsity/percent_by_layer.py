"""Gives the sparsity of each parameter in percent, where the model's is a fraction."""

CELL = "layer_sparsity"
FAILS = ["layer_sparsity_names_each_parameter", "sparsity_measures_agree"]


# %% answer
def layer_sparsity(model):
    arrays = {name: p.data for name, p in model.named_parameters()} | quantized_integers(model)
    return {name: 100 * float(np.mean(values == 0)) for name, values in arrays.items()}
