"""Forgets the half in the total variation."""

CELL = "acceptance_rate"
FAILS = ["acceptance_is_one_minus_total_variation"]


# %% answer
def acceptance_rate(p, q):
    check_same_shape("acceptance_rate", p, q)
    return 1 - np.abs(p - q).sum(axis=-1)
