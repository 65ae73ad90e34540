"""Writes the smaller of both into p."""

CELL = "acceptance_rate"
FAILS = ["acceptance_is_one_minus_total_variation"]


# %% answer
def acceptance_rate(p, q):
    check_same_shape("acceptance_rate", p, q)
    return np.minimum(p, q, out=p).sum(axis=-1)
