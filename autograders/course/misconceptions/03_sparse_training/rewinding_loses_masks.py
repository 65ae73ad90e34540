"""Takes the masks off before it writes the early values."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    for p in model.parameters():
        p.mask = None
    model.load_state_dict(early_state)
    return model
