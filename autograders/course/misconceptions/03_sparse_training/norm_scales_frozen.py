"""Goes by the name, and freezes the scales of normalisation layers, which are called weight too."""

CELL = "freeze_zeros"
FAILS = ["zeros_become_masks"]


# %% answer
def freeze_zeros(model):
    for name, p in model.named_parameters():
        if name.endswith("weight"):
            p.mask = p.data != 0
    return model
