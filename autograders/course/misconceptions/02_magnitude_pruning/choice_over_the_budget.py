"""Reads the scan without counting: what is chosen takes 31,900 bytes."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]


# %% answer
my_sparsities = {"layers.0.weight": 0.82, "layers.2.weight": 0.925, "layers.4.weight": 0.3}
