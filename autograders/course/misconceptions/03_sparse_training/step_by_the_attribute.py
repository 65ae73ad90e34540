"""Assigns p.mask and lets the optimizer do the rest, which was to be written by hand."""

CELL = "masked_step"
FAILS = ["momentum_cannot_revive"]


# %% answer
def masked_step(optimizer, masks):
    for p, mask in masks.items():
        p.mask = mask
    optimizer.step()
