"""Finds out in the middle of the work that the state does not fit."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    for name, p in model.named_parameters():
        if name not in early_state or np.shape(early_state[name]) != p.shape:
            raise ValueError(f"{name} does not fit")
        p.data[...] = early_state[name]
        if p.mask is not None:
            p.data[~p.mask] = 0
    return model
