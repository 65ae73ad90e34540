"""Cuts off what is behind the point, where keep_largest would round."""

CELL = "magnitude_prune"
FAILS = ["shared_weights_stay_shared"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    keep_largest(np.empty(0), sparsity)  # raises for a bad sparsity
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    scores = [np.where(p.mask if p.mask is not None else True, np.abs(p.data), -1) for p in weights]
    everything = np.concatenate([s.ravel() for s in scores] or [np.empty(0)])
    keep = np.ones(everything.size, dtype=bool)
    keep[np.argsort(everything, kind="stable")[: int(sparsity * everything.size)]] = False
    for p in weights:
        mask = keep[: p.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        keep = keep[p.size :]
    return model
