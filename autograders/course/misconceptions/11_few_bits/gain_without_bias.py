"""Scales the gain of the LayerNorm and forgets its bias."""

CELL = "move_scale"
FAILS = ["function_survives_the_move"]


# %% answer
def move_scale(norm, readers, factors):
    norm.weight.data /= factors
    for reader in readers:
        reader.weight.data *= factors[:, None]
