"""Takes any list of sparsities, and finds the bad one when the model is pruned already."""

CELL = "iterative_prune"
FAILS = ["iterative_pruning_prunes_then_trains"]


# %% answer
def iterative_prune(model, train, sparsities):
    for sparsity in sparsities:
        magnitude_prune(model, sparsity)
        train(model)
    return model
