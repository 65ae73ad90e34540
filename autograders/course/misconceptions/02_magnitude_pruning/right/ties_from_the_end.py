"""Breaks ties from the last position backwards: any rule by position is as good as another."""

CELL = "keep_largest"
FAILS = []


# %% answer
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared, got NaN among them")
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, got {sparsity!r}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity must be in [0, 1], got {sparsity}")
    n_keep = scores.size - round(float(sparsity) * scores.size)
    keep = np.zeros(scores.size, dtype=bool)
    keep[np.argsort(-scores.ravel(), kind="stable")[:n_keep]] = True
    return keep.reshape(scores.shape)
