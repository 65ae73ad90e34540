"""Walks over modules, and counts a shared weight once for each."""

CELL = "prune_weights"
FAILS = ["tied_weights_stay_tied"]


# %% answer
from tinytorch.optimization.compression import keep_largest


def prune_weights(model, sparsity, chosen):
    weights = []
    for prefix, module in model.named_modules():
        for name, p in vars(module).items():
            if hasattr(p, "mask") and p.ndim >= 2 and chosen(f"{prefix}.{name}"):
                weights.append(p)
    if not weights:
        raise ValueError("no weight is chosen")
    sizes = [np.where(p.data if p.mask is None else p.mask, np.abs(p.data), -1) for p in weights]
    keep = keep_largest(np.concatenate([s.ravel() for s in sizes]), sparsity)
    masked = sum(0 if p.mask is None else int((~p.mask).sum()) for p in weights)
    if (~keep).sum() > masked:
        ends = np.cumsum([p.data.size for p in weights])[:-1]
        for p, mask in zip(weights, np.split(keep, ends), strict=True):
            p.mask = mask.reshape(p.shape)
    return model
