"""Lets masked weights compete with others that are zero by accident."""

CELL = "magnitude_prune"
FAILS = ["pruning_again_only_adds"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    magnitudes = np.concatenate([np.abs(p.data).ravel() for p in weights] or [np.empty(0)])
    keep = keep_largest(magnitudes, sparsity)
    masked = sum(0 if p.mask is None else np.sum(~p.mask) for p in weights)
    if np.sum(~keep) > masked:
        for p in weights:
            p.mask = keep[: p.size].reshape(p.shape)
            keep = keep[p.size :]
    return model
