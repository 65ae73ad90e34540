"""Multiplies by reciprocals, and loops over rows."""

CELL = "move_scale"
FAILS = []


# %% answer
def move_scale(norm, readers, factors):
    reciprocal = 1 / factors
    for parameter in (norm.weight, norm.bias):
        parameter.data[...] = parameter.data * reciprocal
    for reader in readers:
        for j, factor in enumerate(factors):
            reader.weight.data[j] *= factor
