"""Writes whatever NumPy can spread over the weight, as if it were one of its shape."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    arrays = {n: p.data for n, p in model.named_parameters()} | dict(model.named_buffers())
    masks = {n: p.mask for n, p in model.named_parameters() if p.mask is not None}
    if {name for name in early_state if not name.endswith(".mask")} != set(arrays):
        raise ValueError("the state has other names than the model")
    for name, array in arrays.items():
        array[...] = np.where(masks.get(name, True), early_state[name], 0)
    return model
