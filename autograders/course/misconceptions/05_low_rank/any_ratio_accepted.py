"""Takes any ratio, also 20 for 20 percent, and gives the full rank without a word."""

CELL = "low_rank_approximate"
FAILS = ["bad_ranks_and_shapes_rejected"]


# %% answer
def low_rank_approximate(weight, rank_ratio):
    rank = max(1, int(rank_ratio * min(weight.shape)))
    u, s, vt = np.linalg.svd(weight, full_matrices=False)
    return u[:, :rank], s[:rank], vt[:rank]
