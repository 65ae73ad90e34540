"""Returns the mask as one long row, whatever the shape of the scores."""

CELL = "keep_largest"
FAILS = ["keep_largest_hits_the_ratio_exactly", "sensitivity_scan_restores_the_model"]


# %% answer
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared")
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, got {sparsity!r}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be in [0, 1], got {sparsity}")
    keep = np.ones(scores.size, dtype=bool)
    keep[np.argsort(scores, axis=None, kind="stable")[: round(sparsity * scores.size)]] = False
    return keep
