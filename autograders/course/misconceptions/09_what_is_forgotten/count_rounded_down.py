"""Prunes int(sparsity * n) weights instead of round(sparsity * n)."""

CELL = "prune_weights"
FAILS = ["chosen_weights_are_pruned_together", "each_part_is_pruned_alone"]


# %% answer
def prune_weights(model, sparsity, chosen):
    part = Module()
    part.weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not part.weights:
        raise ValueError("no weight is chosen")
    n = sum(p.data.size for p in part.weights)
    if 0 < sparsity <= 1:
        sparsity = int(sparsity * n) / n
    magnitude_prune(part, sparsity)
    return model
