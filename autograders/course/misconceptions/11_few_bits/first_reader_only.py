"""Scales the weights of the first layer that reads the LayerNorm."""

CELL = "move_scale"
FAILS = ["function_survives_the_move"]


# %% answer
def move_scale(norm, readers, factors):
    norm.weight.data /= factors
    norm.bias.data /= factors
    for reader in list(readers)[:1]:
        reader.weight.data *= factors[:, None]
