"""Prunes in place and returns nothing."""

CELL = "prune_weights"
FAILS = [
    "chosen_weights_are_pruned_together",
    "each_part_is_pruned_alone",
    "scan_leaves_the_model_whole",
]


# %% answer
def prune_weights(model, sparsity, chosen):
    part = Module()
    part.weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not part.weights:
        raise ValueError("no weight is chosen")
    magnitude_prune(part, sparsity)
