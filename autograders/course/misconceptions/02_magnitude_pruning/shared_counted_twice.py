"""Walks over the layers, and counts a weight that two of them share twice."""

CELL = "magnitude_prune"
FAILS = ["shared_weights_stay_shared"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [m.weight for m in model.modules() if getattr(m, "weight", None) is not None]
    weights = [p for p in weights if p.data.ndim >= 2]
    scores = [np.where(p.mask if p.mask is not None else True, np.abs(p.data), -1) for p in weights]
    keep = keep_largest(np.concatenate([s.ravel() for s in scores] or [np.empty(0)]), sparsity)
    for p in weights:
        mask = keep[: p.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        keep = keep[p.size :]
    return model
