"""Applies the mask once, before the step that fills the zeros in."""

CELL = "masked_step"
FAILS = ["momentum_cannot_revive"]


# %% answer
def masked_step(optimizer, masks):
    for p, mask in masks.items():
        p.data[~mask] = 0
    optimizer.step()
