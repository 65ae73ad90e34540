"""Forgets the optimizer's memory so that it cannot revive, and so changes every other step too."""

CELL = "masked_step"
FAILS = ["momentum_cannot_revive"]


# %% answer
def masked_step(optimizer, masks):
    for p, mask in masks.items():
        optimizer.state[p] = {}
        p.grad = p.grad * mask
    optimizer.step()
    for p, mask in masks.items():
        p.data[~mask] = 0
