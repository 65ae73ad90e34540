"""Takes the share of the weights that are left, so that 80 % after 50 % makes 90 %."""

CELL = "magnitude_prune"
FAILS = ["pruning_again_only_adds"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    masks = [np.ones(p.shape, bool) if p.mask is None else p.mask for p in weights]
    left = [np.abs(p.data[m]) for p, m in zip(weights, masks, strict=True)]
    keep = keep_largest(np.concatenate(left) if left else np.empty(0), sparsity)
    for p, mask in zip(weights, masks, strict=True):
        new = mask.copy()
        new[mask] = keep[: mask.sum()]
        keep = keep[mask.sum() :]
        p.mask = new
    return model
