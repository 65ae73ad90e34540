"""Needs no data: a layer keeps a share in proportion to the sum of its sides over their product."""

CELL = "my_sparsities"
FAILS = []


# %% answer
shapes = {"layers.0.weight": (64, 300), "layers.2.weight": (300, 100), "layers.4.weight": (100, 10)}
factor = 5_430 / sum(n_in + n_out for n_in, n_out in shapes.values())
my_sparsities = {name: 1 - factor * (a + b) / (a * b) for name, (a, b) in shapes.items()}
