"""Rejects a plan when it comes to the bad number, with the model half pruned."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    last = 0
    for sparsity in sparsities:
        if not last <= sparsity <= 1:
            raise ValueError(f"sparsities must be in [0, 1] and not fall, got {sparsity}")
        last = sparsity
        magnitude_prune(model, sparsity)
        train(model)
    return model
