"""Computes the total variation and subtracts it from 1."""

CELL = "acceptance_rate"
FAILS = []


# %% answer
def acceptance_rate(p, q):
    check_same_shape("acceptance_rate", p, q)
    return 1 - np.abs(p - q).sum(axis=-1) / 2
