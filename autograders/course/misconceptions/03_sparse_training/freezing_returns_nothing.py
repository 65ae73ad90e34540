"""Sets the masks and returns nothing, where the same model is asked for."""

CELL = "freeze_zeros"
FAILS = ["zeros_become_masks"]


# %% answer
def freeze_zeros(model):
    for p in model.parameters():
        if p.data.ndim >= 2:
            p.mask = p.data != 0
