"""Saves where a byte does most: it spares the first layer, and leaves little of the second."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]
POINTS = {"choice_fits_the_budget": 1}


# %% answer
my_sparsities = {"layers.0.weight": 0.8, "layers.2.weight": 0.98, "layers.4.weight": 0.5}
