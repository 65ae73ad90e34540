"""Refuses a plan that begins at 0 or ends at 1, which are fractions like others."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    sparsities = list(sparsities)
    rising = all(a <= b for a, b in zip(sparsities, sparsities[1:], strict=False))
    if not rising or not all(0 < s < 1 for s in sparsities):
        raise ValueError("sparsities must be in (0, 1) and not fall")
    for sparsity in sparsities:
        magnitude_prune(model, sparsity)
        train(model)
    return model
