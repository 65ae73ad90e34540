"""Leaves out the layer that is not to be pruned."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]


# %% answer
my_sparsities = {"layers.0.weight": 0.88, "layers.2.weight": 0.93}
