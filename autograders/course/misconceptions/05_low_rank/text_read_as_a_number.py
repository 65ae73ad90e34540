"""Turns a rank_ratio of any kind into a float, so a text is taken for a number."""

CELL = "low_rank_approximate"
FAILS = ["bad_ranks_and_shapes_rejected"]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    rank_ratio = float(rank_ratio)
    if not 0 < rank_ratio <= 1:
        raise ValueError("rank_ratio must be in (0, 1]")
    if np.ndim(weight) != 2:
        raise ValueError("weight must be a matrix")
    rank = max(1, int(rank_ratio * min(weight.shape)))
    u, s, vt = np.linalg.svd(weight, full_matrices=False)
    return u[:, :rank], s[:rank], vt[:rank]
