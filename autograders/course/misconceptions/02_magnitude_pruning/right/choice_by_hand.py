"""Chooses by hand, another place on the front than ours."""

CELL = "my_sparsities"
FAILS = []


# %% answer
my_sparsities = {"layers.0.weight": 0.88, "layers.2.weight": 0.92, "layers.4.weight": 0.3}
