"""Takes over the masks of the state, where the model should keep its own."""

CELL = "rewind"
FAILS = ["rewinding_keeps_masks"]


# %% answer
def rewind(model, early_state):
    model.load_state_dict(early_state)
    return model
