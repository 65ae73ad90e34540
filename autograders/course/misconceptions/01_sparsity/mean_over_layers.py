"""Averages the layers' sparsities, as if a small layer held as many numbers as a large one."""

CELL = "measure_sparsity"
FAILS = [
    "every_parameter_counts_once",
    "sparsity_is_a_fraction",
    "sparsity_measures_agree",
]


# %% answer
def measure_sparsity(model):
    shares = [np.mean(p.data == 0) for p in model.parameters()]
    return float(np.mean(shares)) if shares else 0.0
