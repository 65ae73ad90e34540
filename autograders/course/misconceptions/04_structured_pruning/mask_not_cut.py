"""Cuts the values of the weight and lets its mask go."""

CELL = "keep_inputs"
FAILS = ["inputs_are_cut_and_constants_kept", "smaller_model_gives_the_same_outputs"]


# %% answer
def keep_inputs(layer, keep, constant):
    weight = in_out(layer.weight.data)
    times = len(weight) // len(keep)
    keep, constant = np.repeat(keep, times), np.repeat(constant, times)
    gone = weight[~keep]
    contribution = constant[~keep] @ gone.sum(axis=tuple(range(2, gone.ndim)))
    layer.weight = Parameter(in_out(weight[keep]).copy())
    setattr(layer, _sizes(layer)[0], int(keep.sum()))
    if contribution.any():
        old = layer.bias
        values = contribution if old is None else old.data + contribution
        layer.bias = Parameter(values.astype(gone.dtype))
        if old is not None and old.mask is not None:
            layer.bias.mask = old.mask | (contribution != 0)
