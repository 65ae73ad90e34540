"""Gives the parameters new arrays, and no masks."""

CELL = "prune_weights"
FAILS = [
    "chosen_weights_are_pruned_together",
    "tied_weights_stay_tied",
    "scan_leaves_the_model_whole",
]


# %% answer
from tinytorch.optimization.compression import keep_largest


def prune_weights(model, sparsity, chosen):
    weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not weights:
        raise ValueError("no weight is chosen")
    keep = keep_largest(np.concatenate([np.abs(p.data).ravel() for p in weights]), sparsity)
    ends = np.cumsum([p.data.size for p in weights])[:-1]
    for p, mask in zip(weights, np.split(keep, ends), strict=True):
        p.data = p.data * mask.reshape(p.shape)
    return model
