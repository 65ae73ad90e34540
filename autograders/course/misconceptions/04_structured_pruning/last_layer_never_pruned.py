"""Spares the last layer unasked, also where it is the only one."""

CELL = "structured_prune"
FAILS = ["smallest_units_are_pruned", "ignored_layers_keep_the_logits"]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
    if isinstance(prune_ratio, bool) or not isinstance(prune_ratio, Real):
        raise TypeError(f"prune_ratio must be a number, got {prune_ratio!r}")
    if not 0 <= prune_ratio <= 1:
        raise ValueError(f"prune_ratio must be in [0, 1], got {prune_ratio}")
    protected = {id(p) for ignored in ignored_layers for p in ignored.parameters()}
    layers = list(prunable_layers(model))
    for layer, norms in layers[:-1] or layers:
        if any(id(p) in protected for p in layer.parameters()):
            continue
        scores = unit_norms(layer)
        units = np.argsort(scores, kind="stable")[: int(prune_ratio * len(scores))]
        silence_units(layer, units)
        for norm in norms:
            if not any(id(p) in protected for p in norm.parameters()):
                silence_units(norm, units)
    return model
