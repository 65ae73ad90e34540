"""Divides the weight by its size in place, to be multiplied back in S, and leaves it so."""

CELL = "low_rank_approximate"
FAILS = [
    "truncation_is_the_best_of_its_rank",
    "factored_layer_computes_the_product",
]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    if isinstance(rank_ratio, bool) or not isinstance(rank_ratio, Real):
        raise TypeError("rank_ratio must be a number")
    if not 0 < rank_ratio <= 1:
        raise ValueError("rank_ratio must be in (0, 1]")
    if np.ndim(weight) != 2:
        raise ValueError("weight must be a matrix")
    rank = max(1, int(rank_ratio * min(weight.shape)))
    size = np.abs(weight).max() or 1
    weight /= size
    u, s, vt = np.linalg.svd(weight, full_matrices=False)
    s = s * size
    return u[:, :rank], s[:rank], vt[:rank]
