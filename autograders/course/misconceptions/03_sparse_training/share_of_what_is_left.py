"""Takes each sparsity as a share of what is left instead of a total."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    sparsities = list(sparsities)
    if sparsities != sorted(sparsities) or not all(0 <= s <= 1 for s in sparsities):
        raise ValueError(f"bad sparsities {sparsities}")
    kept = 1.0
    for sparsity in sparsities:
        kept *= 1 - sparsity
        magnitude_prune(model, 1 - kept)
        train(model)
    return model
