"""Sorts a NaN among the scores, where it comes last and so is kept for ever."""

CELL = "keep_largest"
FAILS = ["keep_largest_hits_the_ratio_exactly"]


# %% answer
def keep_largest(scores, sparsity):
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, got {sparsity!r}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be in [0, 1], got {sparsity}")
    keep = np.ones(scores.size, dtype=bool)
    keep[np.argsort(scores, axis=None, kind="stable")[: round(sparsity * scores.size)]] = False
    return keep.reshape(scores.shape)
