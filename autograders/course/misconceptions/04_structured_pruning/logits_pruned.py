"""Takes ignored_layers and does not look at it: logits are pruned."""

CELL = "structured_prune"
FAILS = ["ignored_layers_keep_the_logits"]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
    if isinstance(prune_ratio, bool) or not isinstance(prune_ratio, Real):
        raise TypeError(f"prune_ratio must be a number, got {prune_ratio!r}")
    if not 0 <= prune_ratio <= 1:
        raise ValueError(f"prune_ratio must be in [0, 1], got {prune_ratio}")
    for layer, norms in prunable_layers(model):
        scores = unit_norms(layer)
        units = np.argsort(scores, kind="stable")[: int(prune_ratio * len(scores))]
        for part in (layer, *norms):
            silence_units(part, units)
    return model
