"""Gives each weight a new array: whoever held the old one no longer sees the model."""

CELL = "freeze_zeros"
FAILS = ["zeros_become_masks", "pruned_weights_stay_zero_under_sgd"]


# %% answer
def freeze_zeros(model):
    for p in model.parameters():
        if p.data.ndim >= 2:
            mask = p.data != 0
            p.data = p.data * mask
            p.mask = mask
    return model
