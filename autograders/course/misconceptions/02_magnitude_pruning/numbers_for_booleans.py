"""Returns ones and zeros, where a mask is an array of booleans."""

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
    keep = np.ones(scores.size)
    keep[np.argsort(scores, axis=None, kind="stable")[: round(sparsity * scores.size)]] = 0
    return keep.reshape(scores.shape)
