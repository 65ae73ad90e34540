"""Scales up what is kept, as dropout does."""

CELL = "prune_weights"
FAILS = ["chosen_weights_are_pruned_together"]


# %% answer
def prune_weights(model, sparsity, chosen):
    part = Module()
    part.weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not part.weights:
        raise ValueError("no weight is chosen")
    magnitude_prune(part, sparsity)
    for p in part.weights:
        p.data *= 1.1
    return model
