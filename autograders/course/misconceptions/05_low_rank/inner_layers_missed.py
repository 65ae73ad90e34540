"""Looks only at the layers of the outermost Sequential."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    for i, layer in enumerate(model.layers):
        if isinstance(layer, Linear) and layer not in ignored_layers:
            m, n = layer.weight.shape
            if max(1, int(rank_ratio * min(m, n))) * (m + n) < m * n:
                model.layers[i] = LowRankLinear(layer, rank_ratio)
    return model
