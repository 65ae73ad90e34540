"""Scales the columns of the weights, which belong to outputs."""

CELL = "move_scale"
FAILS = ["function_survives_the_move"]


# %% answer
def move_scale(norm, readers, factors):
    norm.weight.data /= factors
    norm.bias.data /= factors
    for reader in readers:
        reader.weight.data *= np.resize(factors, reader.weight.shape[1])
