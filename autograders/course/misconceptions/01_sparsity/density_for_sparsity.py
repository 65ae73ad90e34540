"""Reports the share of numbers that are there, not of those that are missing."""

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
    kept = sum(np.count_nonzero(p.data) for p in model.parameters())
    return kept / total if total else 0.0
