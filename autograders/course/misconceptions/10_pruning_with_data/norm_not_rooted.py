"""Multiplies by the squared norm: the diagonal of the Gram matrix as it stands."""

CELL = "wanda_prune"
FAILS = ["weight_times_input_decides"]


# %% answer
def wanda_prune(model, tokens, sparsity, pattern=None):
    weights = calibrated_weights("wanda_prune", model, tokens, sparsity, pattern)
    for weight, gram in weights:
        old = np.True_ if weight.mask is None else weight.mask
        scores = np.abs(weight.data) * np.diag(gram)[:, None]
        kept, group = pattern or (None, len(scores))
        n_drop = group - kept if pattern else round(float(sparsity) * group)
        weight.mask = keep_in_each_output(np.where(old, scores, -1), n_drop, group) & old
    return model
