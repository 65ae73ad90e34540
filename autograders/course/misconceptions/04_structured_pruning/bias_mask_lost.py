"""Makes the new bias without the mask of the old one."""

CELL = "keep_inputs"
FAILS = ["inputs_are_cut_and_constants_kept"]


# %% answer
def keep_inputs(layer, keep, constant):
    weight = in_out(layer.weight.data)
    times = len(weight) // len(keep)
    keep, constant = np.repeat(keep, times), np.repeat(constant, times)
    gone = weight[~keep]
    contribution = constant[~keep] @ gone.sum(axis=tuple(range(2, gone.ndim)))
    layer.weight = cut(layer.weight, keep)
    setattr(layer, _sizes(layer)[0], int(keep.sum()))
    if contribution.any():
        old = layer.bias
        values = contribution if old is None else old.data + contribution
        layer.bias = Parameter(values.astype(gone.dtype))
