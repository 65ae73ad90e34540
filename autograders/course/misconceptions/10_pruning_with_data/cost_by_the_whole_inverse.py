"""Divides by the inverse of the whole matrix, as if inputs that were passed could still move."""

CELL = "sparsegpt_prune"
FAILS = ["zeros_chosen_block_after_block"]


# %% answer
BLOCK = 16  # inputs whose weights are compared with each other


def sparsegpt_prune(model, tokens, sparsity, pattern=None, damping=0.01):
    weights = calibrated_weights("sparsegpt_prune", model, tokens, sparsity, pattern)
    repaired = []
    for weight, gram in weights:
        factor = inverse_factor(gram, damping)
        new = weight.data.astype(np.float64)
        mask = np.ones(new.shape, bool) if weight.mask is None else weight.mask.copy()
        kept, width = pattern or (None, BLOCK)
        for start in range(0, len(new), width):
            stop = min(start + width, len(new))
            old = mask[start:stop]
            cost = new[start:stop] ** 2 / np.diag(factor.T @ factor)[start:stop, None]
            cost = np.where(old, cost, -1)
            if pattern:
                keep = keep_in_each_output(cost, width - kept)
            else:
                n_gone = np.count_nonzero(~mask[:start])
                n_drop = max(0, round(float(sparsity) * new[:stop].size) - n_gone)
                keep = keep_largest(cost, min(1, n_drop / cost.size))
            mask[start:stop] = keep & old
            behind = np.ones(new[start:].shape, bool)
            behind[: stop - start] = mask[start:stop]
            new[start:] = repair(new[start:], behind, factor[start:, start:])
        repaired.append((weight, new, mask))
    for weight, new, mask in repaired:
        weight.data[...] = np.where(mask, new, 0)
        weight.mask = mask
    return model
