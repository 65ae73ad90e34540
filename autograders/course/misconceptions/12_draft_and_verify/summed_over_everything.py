"""Sums over all axes: one number for all pairs."""

CELL = "acceptance_rate"
FAILS = ["acceptance_is_one_minus_total_variation"]


# %% answer
def acceptance_rate(p, q):
    check_same_shape("acceptance_rate", p, q)
    return np.minimum(p, q).sum()
