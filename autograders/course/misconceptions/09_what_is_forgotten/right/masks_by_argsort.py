"""Sorts all chosen magnitudes and sets the masks itself."""

CELL = "prune_weights"
FAILS = []


# %% answer
from numbers import Real


def prune_weights(model, sparsity, chosen):
    if not isinstance(sparsity, Real):
        raise TypeError(f"sparsity must be a number, not {sparsity!r}")
    if not 0.0 <= sparsity <= 1.0:
        raise ValueError(f"sparsity must be in [0, 1], not {sparsity}")
    weights = [w for name, w in model.named_parameters() if chosen(name) and len(w.shape) > 1]
    if len(weights) == 0:
        raise ValueError("there is nothing to prune")
    masks = [np.ones(w.shape, bool) if w.mask is None else w.mask.copy() for w in weights]
    scores = [
        np.where(m, np.abs(w.data), -1.0).ravel() for w, m in zip(weights, masks, strict=True)
    ]
    order = np.argsort(np.concatenate(scores), kind="stable")
    missing = round(sparsity * len(order)) - sum(int((~m).sum()) for m in masks)
    if missing > 0:
        gone = np.zeros(len(order), bool)
        gone[order[: round(sparsity * len(order))]] = True
        start = 0
        for w in weights:
            w.mask = ~gone[start : start + w.size].reshape(w.shape)
            start += w.size
    return model
