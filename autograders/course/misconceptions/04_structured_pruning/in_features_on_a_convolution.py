"""Sets in_features on every layer: a convolution has in_channels, which now says the old number."""

CELL = "keep_inputs"
FAILS = ["inputs_are_cut_and_constants_kept", "smaller_convolutions_give_the_same_outputs"]


# %% answer
def keep_inputs(layer, keep, constant):
    weight = in_out(layer.weight.data)
    times = len(weight) // len(keep)
    keep, constant = np.repeat(keep, times), np.repeat(constant, times)
    gone = weight[~keep]
    contribution = constant[~keep] @ gone.sum(axis=tuple(range(2, gone.ndim)))
    layer.weight = cut(layer.weight, keep)
    layer.in_features = int(keep.sum())
    if contribution.any():
        old = layer.bias
        values = contribution if old is None else old.data + contribution
        layer.bias = Parameter(values.astype(gone.dtype))
        if old is not None and old.mask is not None:
            layer.bias.mask = old.mask | (contribution != 0)
