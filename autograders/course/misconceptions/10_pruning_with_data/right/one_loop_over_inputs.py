"""Chooses at the head of each block and walks on by itself, without calling repair."""

CELL = "sparsegpt_prune"
FAILS = []


# %% answer
BLOCK = 16


def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01):
    weights = calibrated_weights("sparsegpt_prune", model, tokens, sparsity, pattern)
    factors = [inverse_factor(gram, damping) for _, gram in weights]
    results = []
    for (weight, _), factor in zip(weights, factors, strict=True):
        new = np.array(weight.data, np.float64)
        gone = np.zeros(new.shape, bool) if weight.mask is None else ~weight.mask
        width = BLOCK if pattern is None else pattern[1]
        for i in range(len(new)):
            if i % width == 0:
                here = slice(i, i + width)
                cost = np.square(new[here] / factor.diagonal()[here, None])
                cost[gone[here]] = -np.inf
                if pattern is None:
                    wanted = round(sparsity * new[: i + width].size) - gone[:i].sum()
                    first = np.argsort(cost, axis=None, kind="stable")[: max(wanted, 0)]
                    gone[here].flat[first] = True
                    chosen = np.zeros(cost.size, bool)
                    chosen[first] = True
                    gone[here] |= chosen.reshape(cost.shape)
                else:
                    gone[here] |= ~keep_in_each_output(cost, width - pattern[0])
            error = new[i] * gone[i] / factor[i, i]
            new[i:] -= factor[i, i:, None] * error
            new[i][gone[i]] = 0
        results.append((new, ~gone))
    for (weight, _), (new, mask) in zip(weights, results, strict=True):
        weight.data[:] = new
        weight.mask = mask
    return model
