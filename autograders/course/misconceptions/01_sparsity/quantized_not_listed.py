"""Lists the parameters alone: the integers that a quantized layer stores have names too."""

CELL = "layer_sparsity"
FAILS = ["layer_sparsity_names_each_parameter"]


# %% answer
def layer_sparsity(model):
    return {name: float(np.mean(p.data == 0)) for name, p in model.named_parameters()}
