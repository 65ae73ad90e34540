"""Takes two steps, since one did not seem to be enough."""

CELL = "masked_step"
FAILS = ["momentum_cannot_revive"]


# %% answer
def masked_step(optimizer, masks):
    for _ in range(2):
        optimizer.step()
        for p, mask in masks.items():
            p.data[~mask] = 0
