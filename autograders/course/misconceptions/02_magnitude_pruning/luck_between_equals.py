"""Draws lots between equal scores, so that the same scores give different masks."""

CELL = "keep_largest"
FAILS = ["keep_largest_hits_the_ratio_exactly"]


# %% answer
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared")
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, got {sparsity!r}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be in [0, 1], got {sparsity}")
    lots = np.random.default_rng().permutation(scores.size)
    order = lots[np.argsort(scores.ravel()[lots], kind="stable")]
    keep = np.ones(scores.size, dtype=bool)
    keep[order[: round(sparsity * scores.size)]] = False
    return keep.reshape(scores.shape)
