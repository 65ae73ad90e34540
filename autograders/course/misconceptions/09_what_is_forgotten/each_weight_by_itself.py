"""Prunes each chosen weight to the sparsity, not all together."""

CELL = "prune_weights"
FAILS = [
    "chosen_weights_are_pruned_together",
    "tied_weights_stay_tied",
    "earlier_zeros_stay",
    "each_part_is_pruned_alone",
]


# %% answer
def prune_weights(model, sparsity, chosen):
    weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not weights:
        raise ValueError("no weight is chosen")
    for p in weights:
        part = Module()
        part.weights = [p]
        magnitude_prune(part, sparsity)
    return model
