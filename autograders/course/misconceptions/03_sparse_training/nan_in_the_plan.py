"""Compares in a way that NaN slips through, and finds it with the model half pruned."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    sparsities = list(sparsities)
    if any(b < a for a, b in zip(sparsities, sparsities[1:], strict=False)):
        raise ValueError("sparsities must not fall")
    if any(s < 0 or s > 1 for s in sparsities):
        raise ValueError("sparsities are fractions")
    for sparsity in sparsities:
        magnitude_prune(model, sparsity)
        train(model)
    return model
