"""Prunes whatever is chosen, biases and norms too."""

CELL = "prune_weights"
FAILS = [
    "chosen_weights_are_pruned_together",
    "earlier_zeros_stay",
    "unfit_requests_change_nothing",
    "each_part_is_pruned_alone",
]


# %% answer
from tinytorch.optimization.compression import keep_largest


def prune_weights(model, sparsity, chosen):
    weights = [p for name, p in model.named_parameters() if chosen(name)]
    if not weights:
        raise ValueError("no weight is chosen")
    sizes = [np.where(True if p.mask is None else p.mask, np.abs(p.data), -1) for p in weights]
    keep = keep_largest(np.concatenate([s.ravel() for s in sizes]), sparsity)
    masked = sum(0 if p.mask is None else int((~p.mask).sum()) for p in weights)
    if (~keep).sum() > masked:
        ends = np.cumsum([p.data.size for p in weights])[:-1]
        for p, mask in zip(weights, np.split(keep, ends), strict=True):
            p.mask = mask.reshape(p.shape)
    return model
