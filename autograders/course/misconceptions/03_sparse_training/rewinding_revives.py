"""Writes the early values back without the masks, so that pruned weights are alive again."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    for name, p in model.named_parameters():
        p.data[...] = early_state[name]
    return model
