"""Prunes every layer by the same share, where the weights of all layers compete with each other."""

CELL = "magnitude_prune"
FAILS = [
    "pruning_is_global",
    "prunes_by_magnitude_not_sign",
    "shared_weights_stay_shared",
    "pruning_again_only_adds",
]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    keep_largest(np.empty(0), sparsity)  # raises for a bad sparsity
    for p in model.parameters():
        if p.data.ndim >= 2:
            keep = keep_largest(np.abs(p.data), sparsity)
            p.mask = keep if p.mask is None else keep & p.mask
    return model
