"""Builds a new model and leaves the one that was given as it is."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    layers = []
    for layer in model.layers:
        if isinstance(layer, Sequential):
            layer = factorize_model(layer, rank_ratio, ignored_layers)
        elif isinstance(layer, Linear) and layer not in ignored_layers:
            m, n = layer.weight.shape
            if max(1, int(rank_ratio * min(m, n))) * (m + n) < m * n:
                layer = LowRankLinear(layer, rank_ratio)
        layers.append(layer)
    return Sequential(layers)
