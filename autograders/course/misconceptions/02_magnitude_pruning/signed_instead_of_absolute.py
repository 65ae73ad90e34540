"""Drops the most negative weights: magnitude is the absolute value."""

CELL = "magnitude_prune"
FAILS = ["prunes_by_magnitude_not_sign", "pruned_inference_works"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    scores = [p.data.ravel().copy() for p in weights]
    for score, p in zip(scores, weights, strict=True):
        if p.mask is not None:
            score[~p.mask.ravel()] = -np.inf
    keep = keep_largest(np.concatenate(scores) if scores else np.empty(0), sparsity)
    start = 0
    for p in weights:
        mask = keep[start : start + p.data.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        start += p.data.size
    return model
