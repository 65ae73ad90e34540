"""Returns p only where all rows of p and q are the same."""

CELL = "leftover"
FAILS = ["kept_and_drawn_again_add_up_to_the_target"]


# %% answer
def leftover(p, q):
    check_same_shape("leftover", p, q)
    missing = np.maximum(p - q, 0)
    if not missing.any():
        return p
    return missing / missing.sum(axis=-1, keepdims=True)
