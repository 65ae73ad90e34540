"""Compares the norms of all layers with one threshold, so that a whole layer can go."""

CELL = "structured_prune"
FAILS = [
    "smallest_units_are_pruned",
    "norms_are_pruned_with_their_channels",
    "ignored_layers_keep_the_logits",
]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
    if isinstance(prune_ratio, bool) or not isinstance(prune_ratio, Real):
        raise TypeError(f"prune_ratio must be a number, got {prune_ratio!r}")
    if not 0 <= prune_ratio <= 1:
        raise ValueError(f"prune_ratio must be in [0, 1], got {prune_ratio}")
    every = [unit_norms(layer) for layer, _ in prunable_layers(model)]
    every = np.sort(np.concatenate([*every, np.empty(0)]))
    limit = [-1.0, *every][int(prune_ratio * len(every))]
    protected = {id(p) for ignored in ignored_layers for p in ignored.parameters()}
    for layer, norms in prunable_layers(model):
        if any(id(p) in protected for p in layer.parameters()):
            continue
        scores = unit_norms(layer)
        units = np.flatnonzero(scores <= limit)
        for part in (layer, *norms):
            silence_units(part, units)
    return model
