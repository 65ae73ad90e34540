"""Factors every layer that has a weight, convolutions too, flattened to a matrix."""

CELL = "factorize_model"
FAILS = ["only_layers_that_shrink_are_factored"]


# %% answer
def factorize_model(model, rank_ratio, ignored_layers=()):
    ignored = {id(layer) for layer in ignored_layers}
    for module in list(model.modules()):
        if not isinstance(module, Sequential):
            continue
        for i, layer in enumerate(module.layers):
            if not hasattr(layer, "weight") or id(layer) in ignored:
                continue
            matrix = layer.weight.data.reshape(len(layer.weight.data), -1)
            flat = Linear(*matrix.shape, bias=layer.bias is not None)
            flat.weight.data[...] = matrix
            if layer.bias is not None:
                flat.bias.data[...] = np.resize(layer.bias.data, flat.bias.shape)
            thin = LowRankLinear(flat, rank_ratio)
            if sum(p.size for p in thin.parameters()) < sum(p.size for p in flat.parameters()):
                module.layers[i] = thin
    return model
