"""Truncates the weights of all layers, those too that are not replaced because they would grow."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    ignored = {id(layer) for layer in ignored_layers}
    for module in list(model.modules()):
        for i, layer in enumerate(module.layers if isinstance(module, Sequential) else ()):
            if isinstance(layer, Linear) and id(layer) not in ignored:
                U, S, V = low_rank_approximate(layer.weight.data, rank_ratio)
                if U.size + V.size < layer.weight.size:
                    module.layers[i] = LowRankLinear(layer, rank_ratio)
                else:
                    layer.weight.data[...] = (U * S) @ V
    return model
