"""Zeroes the gradients of pruned weights; momentum and running means move them all the same."""

CELL = "masked_step"
FAILS = ["momentum_cannot_revive"]


# %% answer
def masked_step(optimizer, masks):
    for p, mask in masks.items():
        if p.grad is not None:
            p.grad = p.grad * mask
    optimizer.step()
