"""Adds up what each row contributes, one after the other, in double precision."""

CELL = "keep_inputs"
FAILS = []


# %% answer
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
