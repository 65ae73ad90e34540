"""Trains first and prunes last, so that nothing recovers from the last cut."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    sparsities = list(sparsities)
    if sparsities != sorted(sparsities) or not all(0 <= s <= 1 for s in sparsities):
        raise ValueError(f"bad sparsities {sparsities}")
    for sparsity in sparsities:
        train(model)
        magnitude_prune(model, sparsity)
    return model
