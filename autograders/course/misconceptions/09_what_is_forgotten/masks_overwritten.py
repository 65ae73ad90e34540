"""Forgets what was pruned before when it is asked for less."""

CELL = "prune_weights"
FAILS = ["earlier_zeros_stay"]


# %% answer
from tinytorch.optimization.compression import keep_largest


def prune_weights(model, sparsity, chosen):
    weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not weights:
        raise ValueError("no weight is chosen")
    keep = keep_largest(np.concatenate([np.abs(p.data).ravel() for p in weights]), sparsity)
    ends = np.cumsum([p.data.size for p in weights])[:-1]
    for p, mask in zip(weights, np.split(keep, ends), strict=True):
        p.mask = mask.reshape(p.shape)
    return model
