"""Prunes biases and normalisation scales too: they are few, and a unit dies without them."""

CELL = "magnitude_prune"
FAILS = [
    "biases_and_norms_untouched",
    "prunes_by_magnitude_not_sign",
    "pruning_is_global",
    "shared_weights_stay_shared",
    "sparsity_measures_agree_after_pruning",
    "extreme_sparsities",
    "pruning_again_only_adds",
]


# %% answer
def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    parameters = list(model.parameters())
    magnitudes = [np.abs(p.data).ravel() for p in parameters]
    keep = keep_largest(np.concatenate(magnitudes) if parameters else np.empty(0), sparsity)
    start = 0
    for p in parameters:
        mask = keep[start : start + p.data.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        start += p.data.size
    return model
