"""Expects parameters alone, and refuses the state of a model with batch normalisation."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    parameters = dict(model.named_parameters())
    if {name for name in early_state if not name.endswith(".mask")} != set(parameters):
        raise ValueError("the state has other names than the model")
    for name, p in parameters.items():
        if np.shape(early_state[name]) != p.shape:
            raise ValueError("the state has other shapes than the model")
    for name, p in parameters.items():
        keep = np.ones(p.shape, bool) if p.mask is None else p.mask
        p.data[...] = np.where(keep, early_state[name], 0)
    return model
