"""Finds first what every layer makes, then cuts from the last layer to the first."""

CELL = ["keep_inputs", "remove_pruned_channels"]
FAILS = []


# %% answer: keep_inputs
def keep_inputs(layer, keep, constant):
    each = len(in_out(layer.weight.data)) // len(keep)
    rows = [i * each + r for i in range(len(keep)) if keep[i] for r in range(each)]
    total = np.zeros(in_out(layer.weight.data).shape[1])
    for i in np.flatnonzero(~np.asarray(keep)):
        for weights in in_out(layer.weight.data)[i * each : (i + 1) * each]:
            total += constant[i] * weights.reshape(len(total), -1).sum(axis=1)
    layer.weight = cut(layer.weight, rows)
    name = "in_features" if isinstance(layer, Linear) else "in_channels"
    setattr(layer, name, len(rows))
    if np.any(total != 0):
        if layer.bias is None:
            layer.bias = Parameter(np.zeros(len(total), np.float32))
        mask = layer.bias.mask
        layer.bias = Parameter((layer.bias.data + total).astype(layer.weight.dtype))
        layer.bias.mask = None if mask is None else np.where(total != 0, True, mask)


# %% answer: remove_pruned_channels
def remove_pruned_channels(model, example_input):
    layers = copied_layers(model, example_input)
    plan, varies, constant, maker = [], None, None, None
    for i, layer in enumerate(layers):
        if isinstance(layer, (Linear, Conv2d)):
            if maker is not None:
                plan.append((maker, i, needed_by(layer, varies, constant), constant))
            weight = layer.weight.data if layer.weight.ndim == 4 else layer.weight.data.T
            varies = weight.reshape(len(weight), -1).any(axis=1)
            constant = np.zeros(len(weight)) if layer.bias is None else layer.bias.data.copy()
            constant, maker = constant.astype(np.float32), i
        elif maker is not None:
            varies, constant = pass_on(layer, varies, constant)
    for maker, reader, keep, constant in reversed(plan):
        keep_inputs(layers[reader], keep, constant)
        for layer in layers[maker:reader]:
            if isinstance(layer, (Linear, Conv2d, BatchNorm2d)):
                keep_outputs(layer, keep)
    return Sequential(*layers)
