"""Makes up for what is dropped by scaling the rest, as dropout does."""

CELL = "magnitude_prune"
FAILS = ["prunes_by_magnitude_not_sign", "pruned_inference_works"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    scores = [np.where(p.mask if p.mask is not None else True, np.abs(p.data), -1) for p in weights]
    keep = keep_largest(np.concatenate([s.ravel() for s in scores] or [np.empty(0)]), sparsity)
    for p in weights:
        mask = keep[: p.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        if p.mask.any():
            p.data *= p.mask.size / p.mask.sum()
        keep = keep[p.size :]
    return model
