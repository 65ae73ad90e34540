"""Subtracts in place: the target's distribution is another afterwards."""

CELL = "leftover"
FAILS = ["kept_and_drawn_again_add_up_to_the_target"]


# %% answer
def leftover(p, q):
    check_same_shape("leftover", p, q)
    missing = p
    missing -= q
    missing = np.maximum(missing, 0)
    missing = np.where(missing.sum(axis=-1, keepdims=True) > 0, missing, p)
    return missing / missing.sum(axis=-1, keepdims=True)
