"""Takes small weights for zeros."""

CELL = "freeze_zeros"
FAILS = ["zeros_become_masks"]


# %% answer
def freeze_zeros(model):
    for p in model.parameters():
        if p.data.ndim >= 2:
            p.mask = ~np.isclose(p.data, 0)
    return model
