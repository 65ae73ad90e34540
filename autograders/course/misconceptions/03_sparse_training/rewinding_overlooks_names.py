"""Takes from the state what it needs, and overlooks that it is that of another model."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    arrays = {n: p.data for n, p in model.named_parameters()} | dict(model.named_buffers())
    masks = {n: p.mask for n, p in model.named_parameters() if p.mask is not None}
    for name, array in arrays.items():
        if name not in early_state or np.shape(early_state[name]) != array.shape:
            raise ValueError(f"{name} does not fit")
    for name, array in arrays.items():
        array[...] = np.where(masks.get(name, True), early_state[name], 0)
    return model
