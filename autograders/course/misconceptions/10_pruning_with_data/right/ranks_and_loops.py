"""Ranks column after column; prunes output after output by squared scores."""

CELL = ["keep_in_each_output", "wanda_prune"]
FAILS = []


# %% answer: keep_in_each_output
def keep_in_each_output(scores, n_drop, group=None):
    keep = np.ones(scores.shape, bool)
    group = scores.shape[0] if group is None else group
    for start in range(0, scores.shape[0], group):
        for column in range(scores.shape[1]):
            part = scores[start : start + group, column]
            ranked = sorted(range(group), key=lambda i: (part[i], i))
            for i in ranked[:n_drop]:
                keep[start + i, column] = False
    return keep


# %% answer: wanda_prune
def wanda_prune(model, tokens, sparsity, pattern=None):
    for weight, gram in calibrated_weights("wanda_prune", model, tokens, sparsity, pattern):
        squared = weight.data.astype(np.float64) ** 2 * gram.diagonal()[:, np.newaxis]
        if weight.mask is not None:
            squared[~weight.mask] = -1
        if pattern is None:
            keep = keep_in_each_output(squared, round(sparsity * squared.shape[0]))
        else:
            keep = keep_in_each_output(squared, pattern[1] - pattern[0], pattern[1])
        if weight.mask is not None:
            keep &= weight.mask
        weight.mask = keep
    return model
