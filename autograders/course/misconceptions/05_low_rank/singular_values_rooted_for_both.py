"""Returns the square roots of the singular values, as if they went in twice."""

CELL = "low_rank_approximate"
FAILS = ["truncation_is_the_best_of_its_rank"]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    if isinstance(rank_ratio, bool) or not isinstance(rank_ratio, Real):
        raise TypeError("rank_ratio must be a number")
    if not 0 < rank_ratio <= 1 or np.ndim(weight) != 2:
        raise ValueError("rank_ratio must be in (0, 1] and weight a matrix")
    rank = max(1, int(rank_ratio * min(weight.shape)))
    u, s, vt = np.linalg.svd(weight, full_matrices=False)
    return u[:, :rank], np.sqrt(s[:rank]), vt[:rank]
