"""Replaces every linear layer, also those that grow."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    for module in list(model.modules()):
        if isinstance(module, Sequential):
            for i, layer in enumerate(module.layers):
                if isinstance(layer, Linear) and layer not in ignored_layers:
                    module.layers[i] = LowRankLinear(layer, rank_ratio)
    return model
