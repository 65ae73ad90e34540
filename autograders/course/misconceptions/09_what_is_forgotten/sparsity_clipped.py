"""Makes a fraction of whatever number it is given."""

CELL = "prune_weights"
FAILS = ["unfit_requests_change_nothing"]


# %% answer
def prune_weights(model, sparsity, chosen):
    part = Module()
    part.weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not part.weights:
        raise ValueError("no weight is chosen")
    magnitude_prune(part, min(max(sparsity, 0.0), 1.0))
    return model
