"""Hands the saved arrays to the model, so that training changes what was saved."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    for name, p in model.named_parameters():
        p.data = early_state[name]
        p.apply_mask()
    return model
