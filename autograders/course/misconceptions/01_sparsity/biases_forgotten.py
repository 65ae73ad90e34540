"""Counts weight matrices only: biases and scales are parameters too."""

CELL = "measure_sparsity"
FAILS = [
    "every_parameter_counts_once",
    "sparsity_is_a_fraction",
    "near_zero_is_not_zero",
    "sparsity_measures_agree",
]


# %% answer
def measure_sparsity(model):
    weights = [p.data for p in model.parameters() if p.data.ndim > 1]
    total = sum(w.size for w in weights)
    return float(sum((w == 0).sum() for w in weights) / total) if total else 0.0
