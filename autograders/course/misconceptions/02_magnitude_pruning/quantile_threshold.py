"""Drops what lies below a quantile: with ties, or at 0 and 1, the share comes out wrong."""

CELL = "keep_largest"
FAILS = [
    "keep_largest_hits_the_ratio_exactly",
    "extreme_sparsities",
    "sensitivity_scan_restores_the_model",
]


# %% answer
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared, got NaN among them")
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, got {sparsity!r}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be in [0, 1], got {sparsity}")
    if scores.size == 0:
        return np.ones(scores.shape, dtype=bool)
    return scores > np.quantile(scores, sparsity)
