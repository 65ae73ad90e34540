"""Gives one number for each layer, where each parameter of a layer has its own."""

CELL = "layer_sparsity"
FAILS = ["layer_sparsity_names_each_parameter", "sparsity_measures_agree"]


# %% answer
def layer_sparsity(model):
    by_layer = {}
    for name, p in model.named_parameters():
        by_layer.setdefault(name.rpartition(".")[0], []).append((p.data == 0).ravel())
    return {name: float(np.concatenate(zeros).mean()) for name, zeros in by_layer.items()}
