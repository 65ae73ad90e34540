"""Puts a new array in the parameter's place: whoever held the old one no longer sees the model."""

CELL = "magnitude_prune"
FAILS = ["prunes_in_place", "shared_weights_stay_shared", "pruning_again_only_adds"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    magnitudes = [np.abs(p.data).ravel() for p in weights]
    keep = keep_largest(np.concatenate(magnitudes) if weights else np.empty(0), sparsity)
    start = 0
    for p in weights:
        mask = keep[start : start + p.data.size].reshape(p.shape)
        p.data = p.data * mask
        p.mask = mask if p.mask is None else mask & p.mask
        start += p.data.size
    return model
