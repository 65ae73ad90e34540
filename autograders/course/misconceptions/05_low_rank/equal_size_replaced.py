"""Replaces a layer also where nothing is saved, because two thin ones are as large."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    for module in list(model.modules()):
        if not isinstance(module, Sequential):
            continue
        for i, layer in enumerate(module.layers):
            if isinstance(layer, Linear) and not any(layer is kept for kept in ignored_layers):
                m, n = layer.weight.shape
                if max(1, int(rank_ratio * min(m, n))) * (m + n) <= m * n:
                    module.layers[i] = LowRankLinear(layer, rank_ratio)
    return model
