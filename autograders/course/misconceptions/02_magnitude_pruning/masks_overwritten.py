"""Assigns new masks without a look at the old ones, so asking for less lets pruned weights go."""

CELL = "magnitude_prune"
FAILS = ["pruning_again_only_adds"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    magnitudes = np.concatenate([np.abs(p.data).ravel() for p in weights] or [np.empty(0)])
    keep = keep_largest(magnitudes, sparsity)
    for p in weights:
        p.mask = keep[: p.size].reshape(p.shape)
        keep = keep[p.size :]
    return model
