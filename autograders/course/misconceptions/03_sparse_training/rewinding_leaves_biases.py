"""Rewinds the weights, and leaves biases as training left them."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    for name, p in model.named_parameters():
        if early_state[name].shape != p.shape:
            raise ValueError("shape")
        if p.ndim >= 2:
            p.data[...] = early_state[name]
            p.data[~p.mask] = 0
    return model
