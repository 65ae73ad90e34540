"""Prunes all weights of the model, whatever is chosen."""

CELL = "prune_weights"
FAILS = [
    "chosen_weights_are_pruned_together",
    "tied_weights_stay_tied",
    "earlier_zeros_stay",
    "each_part_is_pruned_alone",
    "scan_leaves_the_model_whole",
]


# %% answer
def prune_weights(model, sparsity, chosen):
    if not [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]:
        raise ValueError("no weight is chosen")
    return magnitude_prune(model, sparsity)
