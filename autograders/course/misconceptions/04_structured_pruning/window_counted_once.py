"""Takes the constant once for each filter, where it meets every position of the window."""

CELL = "keep_inputs"
FAILS = ["inputs_are_cut_and_constants_kept", "smaller_convolutions_give_the_same_outputs"]


# %% answer
def keep_inputs(layer, keep, constant):
    times = len(in_out(layer.weight.data)) // len(keep)
    keep, constant = np.repeat(keep, times), np.repeat(constant, times)
    gone = in_out(layer.weight.data)[~keep]
    contribution = constant[~keep] @ gone.mean(axis=tuple(range(2, gone.ndim)))
    layer.weight = cut(layer.weight, keep)
    setattr(layer, _sizes(layer)[0], int(keep.sum()))
    if contribution.any():
        old = layer.bias
        values = contribution if old is None else old.data + contribution
        layer.bias = Parameter(values.astype(gone.dtype))
        if old is not None and old.mask is not None:
            layer.bias.mask = old.mask | (contribution != 0)
