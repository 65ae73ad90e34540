"""Prunes a share of the weights that earlier prunings left."""

CELL = "prune_weights"
FAILS = ["earlier_zeros_stay"]


# %% answer
from tinytorch.optimization.compression import keep_largest


def prune_weights(model, sparsity, chosen):
    weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not weights:
        raise ValueError("no weight is chosen")
    keep_largest(np.ones(1), sparsity)
    sizes = np.concatenate([np.abs(p.data).ravel() for p in weights])
    alive = np.concatenate(
        [(np.ones(p.shape, bool) if p.mask is None else p.mask).ravel() for p in weights]
    )
    keep = alive.copy()
    keep[np.flatnonzero(alive)] = keep_largest(sizes[alive], sparsity)
    ends = np.cumsum([p.data.size for p in weights])[:-1]
    for p, mask in zip(weights, np.split(keep, ends), strict=True):
        p.mask = mask.reshape(p.shape)
    return model
