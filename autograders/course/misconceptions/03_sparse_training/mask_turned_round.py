"""Makes the mask True where a weight is zero, and so removes all the others."""

CELL = "freeze_zeros"
FAILS = [
    "zeros_become_masks",
    "pruned_weights_stay_zero_under_sgd",
    "pruned_weights_stay_zero_under_adam",
    "kept_weights_still_learn",
    "loss_decreases_despite_sparsity",
]


# %% answer
def freeze_zeros(model):
    for p in model.parameters():
        if p.data.ndim >= 2:
            p.mask = p.data == 0
    return model
