"""Prunes a copy and leaves the model that was given."""

CELL = "wanda_prune"
FAILS = ["pruned_in_place_and_held"]


# %% answer
def wanda_prune(model, tokens, sparsity, pattern=None):
    import copy

    model = copy.deepcopy(model)
    weights = calibrated_weights("wanda_prune", model, tokens, sparsity, pattern)
    for weight, gram in weights:
        old = np.True_ if weight.mask is None else weight.mask
        scores = np.abs(weight.data) * np.sqrt(np.diag(gram))[:, None]
        kept, group = pattern or (None, len(scores))
        n_drop = group - kept if pattern else round(float(sparsity) * group)
        weight.mask = keep_in_each_output(np.where(old, scores, -1), n_drop, group) & old
    return model
