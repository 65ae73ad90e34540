"""Prunes a copy and returns it."""

CELL = "prune_weights"
FAILS = ["chosen_weights_are_pruned_together", "tied_weights_stay_tied", "earlier_zeros_stay"]


# %% answer
import copy


def prune_weights(model, sparsity, chosen):
    model = copy.deepcopy(model)
    part = Module()
    part.weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not part.weights:
        raise ValueError("no weight is chosen")
    magnitude_prune(part, sparsity)
    return model
