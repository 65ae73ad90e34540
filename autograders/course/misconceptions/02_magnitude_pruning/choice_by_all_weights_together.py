"""Takes what global pruning leaves of each layer; it knows magnitudes, and not what they do."""

CELL = "my_sparsities"
FAILS = ["choice_fits_the_budget"]
POINTS = {"choice_fits_the_budget": 2}


# %% answer
pruned = magnitude_prune(create_and_train_model(), 1 - 5430 / 50_200)
my_sparsities = {n: s for n, s in layer_sparsity(pruned).items() if n.endswith("weight")}
