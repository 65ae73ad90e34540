"""Silences what lies below a quantile of the norms, which is not the number that was asked for."""

CELL = "structured_prune"
FAILS = [
    "smallest_units_are_pruned",
    "pruned_attention_still_computes",
    "pruned_conv_still_computes",
    "structured_and_unstructured_compose",
]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
    if isinstance(prune_ratio, bool) or not isinstance(prune_ratio, Real):
        raise TypeError(f"prune_ratio must be a number, got {type(prune_ratio).__name__}")
    if not 0 <= prune_ratio <= 1:
        raise ValueError(f"prune_ratio must be a fraction in [0, 1], got {prune_ratio}")
    protected = {id(p) for ignored in ignored_layers for p in ignored.parameters()}
    for layer, norms in prunable_layers(model):
        if any(id(p) in protected for p in layer.parameters()):
            continue
        scores = unit_norms(layer)
        units = np.flatnonzero(scores < np.quantile(scores, prune_ratio))
        silence_units(layer, units)
        for norm in norms:
            if not any(id(p) in protected for p in norm.parameters()):
                silence_units(norm, units)
    return model
