"""Sorts by masked or not, then by magnitude, and cuts masks out of one long row."""

CELL = ["keep_largest", "magnitude_prune"]
FAILS = []


# %% answer: keep_largest
def keep_largest(scores, sparsity):
    if np.isnan(scores).any():
        raise ValueError("scores must be numbers that can be compared, got NaN among them")
    if not isinstance(sparsity, (int, float, np.number)):
        raise TypeError("sparsity is no number")
    if not (sparsity >= 0 and sparsity <= 1):
        raise ValueError("sparsity is a fraction")
    if np.isnan(scores).sum() > 0:
        raise ValueError("NaN")
    flat = np.asarray(scores).flatten()
    order = sorted(range(len(flat)), key=lambda i: (flat[i], i))
    mask = np.full(len(flat), True)
    for i in order[: round(sparsity * len(flat))]:
        mask[i] = False
    return mask.reshape(np.shape(scores))


# %% answer: magnitude_prune
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    n_drop = (~keep_largest(np.zeros(0), sparsity)).sum()  # raises for a bad sparsity
    weights = [p for p in model.parameters() if len(p.shape) > 1]
    n = sum(w.size for w in weights)
    n_drop = (~keep_largest(np.arange(n), sparsity)).sum()
    entries = []
    for k, w in enumerate(weights):
        for i, value in enumerate(w.data.ravel()):
            free = w.mask is None or w.mask.ravel()[i]
            entries.append((free, abs(float(value)), k, i))
    masks = [np.ones(w.size, bool) if w.mask is None else w.mask.ravel().copy() for w in weights]
    for _, _, k, i in sorted(entries)[:n_drop]:
        masks[k][i] = False
    for w, mask in zip(weights, masks, strict=True):
        w.mask = mask.reshape(w.shape)
    return model
