"""Prunes a copy and returns it: the model that was given is unchanged."""

CELL = "magnitude_prune"
FAILS = [
    "prunes_in_place",
    "prunes_by_magnitude_not_sign",
    "pruning_is_global",
    "biases_and_norms_untouched",
    "shared_weights_stay_shared",
    "sparsity_measures_agree_after_pruning",
    "pruned_inference_works",
    "extreme_sparsities",
    "pruning_again_only_adds",
]

# %% answer
import copy


def magnitude_prune(model, sparsity):
    check_weights(model, "magnitude_prune")
    model = copy.deepcopy(model)
    weights = [p for p in model.parameters() if p.data.ndim >= 2]
    magnitudes = [np.abs(p.data).ravel() for p in weights]
    keep = keep_largest(np.concatenate(magnitudes) if weights else np.empty(0), sparsity)
    start = 0
    for p in weights:
        mask = keep[start : start + p.data.size].reshape(p.shape)
        p.mask = mask if p.mask is None else mask & p.mask
        start += p.data.size
    return model
