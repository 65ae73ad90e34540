"""Gives sparsities in percent, not as fractions."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]


# %% answer
my_sparsities = {"layers.0.weight": 86, "layers.2.weight": 93.2, "layers.4.weight": 30}
