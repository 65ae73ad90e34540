"""Drops what a constant added where the layer has no bias to put it into."""

CELL = "keep_inputs"
FAILS = ["inputs_are_cut_and_constants_kept", "smaller_model_gives_the_same_outputs"]


# %% answer
def keep_inputs(layer, keep, constant):
    weight = in_out(layer.weight.data)
    times = len(weight) // len(keep)
    keep, constant = np.repeat(keep, times), np.repeat(constant, times)
    gone = weight[~keep]
    contribution = constant[~keep] @ gone.sum(axis=tuple(range(2, gone.ndim)))
    layer.weight = cut(layer.weight, keep)
    setattr(layer, _sizes(layer)[0], int(keep.sum()))
    if contribution.any() and layer.bias is not None:
        old = layer.bias
        values = contribution if old is None else old.data + contribution
        layer.bias = Parameter(values.astype(gone.dtype))
        if old is not None and old.mask is not None:
            layer.bias.mask = old.mask | (contribution != 0)
