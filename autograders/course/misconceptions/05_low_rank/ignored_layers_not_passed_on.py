"""Calls itself for an inner Sequential, and forgets there which layers are to be ignored."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    for i, layer in enumerate(model.layers):
        if isinstance(layer, Sequential):
            factorize_model(layer, rank_ratio)
        elif isinstance(layer, Linear) and all(layer is not kept for kept in ignored_layers):
            m, n = layer.weight.shape
            k = max(1, int(rank_ratio * min(m, n)))
            if k * (m + n) < m * n:
                model.layers[i] = LowRankLinear(layer, rank_ratio)
    return model
