"""Prunes nothing, without a word, where nothing is chosen."""

CELL = "prune_weights"
FAILS = ["unfit_requests_change_nothing", "each_part_is_pruned_alone"]


# %% answer
def prune_weights(model, sparsity, chosen):
    part = Module()
    part.weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    magnitude_prune(part, sparsity)
    return model
