"""Leaves the given line out, and prunes models of integers and of infinite weights."""

CELL = "magnitude_prune"
FAILS = ["invalid_sparsity_rejected"]


# %% answer
def magnitude_prune(model, sparsity):
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    scores = [np.where(p.mask if p.mask is not None else True, np.abs(p.data), -1) for p in weights]
    keep = keep_largest(np.concatenate([s.ravel() for s in scores] or [np.empty(0)]), sparsity)
    for p in weights:
        mask = keep[: p.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        keep = keep[p.size :]
    return model
