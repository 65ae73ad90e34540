"""Asks whether the likeliest word is the same; but words are drawn."""

CELL = "acceptance_rate"
FAILS = ["acceptance_is_one_minus_total_variation"]


# %% answer
def acceptance_rate(p, q):
    check_same_shape("acceptance_rate", p, q)
    return (np.argmax(p, axis=-1) == np.argmax(q, axis=-1)).astype(float)
