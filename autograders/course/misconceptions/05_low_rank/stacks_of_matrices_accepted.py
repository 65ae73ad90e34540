"""Lets NumPy decompose a stack of matrices, which is no weight of a layer."""

CELL = "low_rank_approximate"
FAILS = ["bad_ranks_and_shapes_rejected"]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    if isinstance(rank_ratio, bool) or not isinstance(rank_ratio, Real):
        raise TypeError("rank_ratio must be a number")
    if not 0 < rank_ratio <= 1:
        raise ValueError("rank_ratio must be in (0, 1]")
    if np.ndim(weight) < 2:
        raise ValueError("weight must be a matrix")
    rank = max(1, int(rank_ratio * min(weight.shape[-2:])))
    u, s, vt = np.linalg.svd(weight, full_matrices=False)
    return u[:, :rank], s[:rank], vt[:rank]
