"""Drops the largest scores and keeps the smallest: the mask is upside down."""

CELL = "keep_largest"
FAILS = [
    "keep_largest_hits_the_ratio_exactly",
    "prunes_by_magnitude_not_sign",
    "pruning_is_global",
    "pruned_inference_works",
    "pruning_again_only_adds",
]


# %% answer
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared, got NaN among them")
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, got {sparsity!r}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be in [0, 1], got {sparsity}")
    n_drop = round(float(sparsity) * scores.size)
    keep = np.ones(scores.size, dtype=bool)
    keep[np.argsort(-scores.ravel(), kind="stable")[:n_drop]] = False
    return keep.reshape(scores.shape)
