"""Removes the old masks before pruning again and after, so that pruned weights come back."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    sparsities = list(sparsities)
    if sparsities != sorted(sparsities) or not all(0 <= s <= 1 for s in sparsities):
        raise ValueError(f"bad sparsities {sparsities}")
    for sparsity in sparsities:
        magnitude_prune(model, sparsity)
        for p in model.parameters():
            p.mask = None
        train(model)
    return model
