"""Freezes matrices only, and leaves the weights of convolutions to melt."""

CELL = "freeze_zeros"
FAILS = ["zeros_become_masks"]


# %% answer
def freeze_zeros(model):
    for p in model.parameters():
        if p.data.ndim == 2:
            p.mask = p.data != 0
    return model
