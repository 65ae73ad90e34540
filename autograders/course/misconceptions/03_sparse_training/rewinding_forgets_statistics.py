"""Rewinds parameters alone: the running statistics of batch normalisation stay as they are."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    known = {n: p.data for n, p in model.named_parameters()} | dict(model.named_buffers())
    if {name for name in early_state if not name.endswith(".mask")} != set(known):
        raise ValueError("the state has other names than the model")
    if any(np.shape(early_state[name]) != known[name].shape for name in known):
        raise ValueError("the state has other shapes than the model")
    for name, p in model.named_parameters():
        keep = np.ones(p.shape, bool) if p.mask is None else p.mask
        p.data[...] = np.where(keep, early_state[name], 0)
    return model
