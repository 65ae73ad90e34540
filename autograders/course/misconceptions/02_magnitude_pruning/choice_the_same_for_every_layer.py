"""Gives every layer the same sparsity, though a byte of the last layer does more."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]


# %% answer
my_sparsities = dict.fromkeys(["layers.0.weight", "layers.2.weight", "layers.4.weight"], 0.892)
