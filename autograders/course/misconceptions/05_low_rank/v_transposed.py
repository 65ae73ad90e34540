"""Returns the directions of V as columns, so that the product does not fit."""

CELL = "low_rank_approximate"
FAILS = [
    "rank_is_rounded_down_and_never_zero",
    "truncation_is_the_best_of_its_rank",
    "factored_layer_computes_the_product",
    "factored_layer_is_thin_and_learns",
    "only_layers_that_shrink_are_factored",
]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    if isinstance(rank_ratio, bool) or not isinstance(rank_ratio, Real):
        raise TypeError("rank_ratio must be a number")
    if not 0 < rank_ratio <= 1 or np.ndim(weight) != 2:
        raise ValueError("rank_ratio must be in (0, 1] and weight a matrix")
    rank = max(1, int(rank_ratio * min(weight.shape)))
    u, s, vt = np.linalg.svd(weight, full_matrices=False)
    return u[:, :rank], s[:rank], vt[:rank].T
