"""Gives the parameter a new array, while others still hold the old one."""

CELL = "masked_step"
FAILS = ["momentum_cannot_revive"]


# %% answer
def masked_step(optimizer, masks):
    optimizer.step()
    for p, mask in masks.items():
        p.data = p.data * mask
