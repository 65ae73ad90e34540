"""Draws from p after a refusal: what the draft says too often has two turns."""

CELL = "leftover"
FAILS = ["kept_and_drawn_again_add_up_to_the_target"]


# %% answer
def leftover(p, q):
    check_same_shape("leftover", p, q)
    return p.copy()
