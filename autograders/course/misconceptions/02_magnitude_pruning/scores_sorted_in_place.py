"""Sorts the scores that it was given, to find the limit."""

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
    before = scores.ravel().copy()
    keep = np.ones(scores.size, dtype=bool)
    keep[np.argsort(before, kind="stable")[: round(sparsity * scores.size)]] = False
    scores.reshape(-1).sort()
    return keep.reshape(scores.shape)
