"""Takes the chance that two words, drawn apart, are the same."""

CELL = "acceptance_rate"
FAILS = ["acceptance_is_one_minus_total_variation"]


# %% answer
def acceptance_rate(p, q):
    check_same_shape("acceptance_rate", p, q)
    return (p * q).sum(axis=-1)
