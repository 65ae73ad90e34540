"""Writes zeros but sets no mask: the next optimizer step fills them in again."""

CELL = "magnitude_prune"
FAILS = ["prunes_in_place"]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    magnitudes = [np.abs(p.data).ravel() for p in weights]
    keep = keep_largest(np.concatenate(magnitudes) if weights else np.empty(0), sparsity)
    start = 0
    for p in weights:
        p.data[~keep[start : start + p.data.size].reshape(p.shape)] = 0
        start += p.data.size
    return model
