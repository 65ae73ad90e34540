"""Finds U by dividing W V by the singular values, some of which may be zero."""

CELL = "low_rank_approximate"
FAILS = ["truncation_is_the_best_of_its_rank"]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    if isinstance(rank_ratio, bool) or not isinstance(rank_ratio, Real):
        raise TypeError("rank_ratio must be a number")
    if not 0 < rank_ratio <= 1 or np.ndim(weight) != 2:
        raise ValueError("rank_ratio must be in (0, 1] and weight a matrix")
    rank = max(1, int(rank_ratio * min(weight.shape)))
    squares, v = np.linalg.eigh(weight.T.astype(np.float64) @ weight.astype(np.float64))
    s = np.sqrt(np.maximum(squares[::-1], 0))[:rank]
    v = v[:, ::-1][:, :rank]
    return weight @ v / s, s, v.T
