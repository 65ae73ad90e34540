"""Checks the sparsity after pruning: the error comes, but the model is ruined already."""

CELL = "magnitude_prune"
FAILS = ["invalid_sparsity_rejected"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    try:
        share = min(max(float(sparsity), 0.0), 1.0)
    except (TypeError, ValueError):
        share = 1.0
    magnitudes = [np.abs(p.data).ravel() for p in weights]
    for magnitude, p in zip(magnitudes, weights, strict=True):
        if p.mask is not None:
            magnitude[~p.mask.ravel()] = -1
    keep = keep_largest(np.concatenate(magnitudes) if weights else np.empty(0), share)
    start = 0
    for p in weights:
        mask = keep[start : start + p.data.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        start += p.data.size
    keep_largest(np.empty(0), sparsity)  # raises for a bad sparsity
    return model
