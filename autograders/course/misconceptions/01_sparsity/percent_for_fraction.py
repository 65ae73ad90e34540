"""Reports a percentage where a fraction between 0 and 1 is asked for."""

CELL = "measure_sparsity"
FAILS = [
    "sparsity_is_a_fraction",
    "every_parameter_counts_once",
    "near_zero_is_not_zero",
    "sparsity_measures_agree",
]


# %% answer
def measure_sparsity(model):
    total = sum(p.data.size for p in model.parameters())
    zeros = sum((p.data == 0).sum() for p in model.parameters())
    return float(100 * zeros / total) if total else 0.0
