"""Checks nothing: 70 for 70 % and NaN go through, and strings fail somewhere deep inside."""

CELL = "keep_largest"
FAILS = ["invalid_sparsity_rejected"]


# %% answer
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared, got NaN among them")
    n_drop = int(np.nan_to_num(round(np.float64(sparsity) * scores.size)))
    keep = np.ones(scores.size, dtype=bool)
    keep[np.argsort(scores.ravel(), kind="stable")[:n_drop]] = False
    return keep.reshape(scores.shape)
