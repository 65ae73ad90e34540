"""Takes masks away to prune anew, so that what was pruned before is free again."""

CELL = "structured_prune"
FAILS = ["structured_and_unstructured_compose"]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
    if isinstance(prune_ratio, bool) or not isinstance(prune_ratio, Real):
        raise TypeError(f"prune_ratio must be a number, got {prune_ratio!r}")
    if not 0 <= prune_ratio <= 1:
        raise ValueError(f"prune_ratio must be in [0, 1], got {prune_ratio}")
    for p in model.parameters():
        p.mask = None
    protected = {id(p) for ignored in ignored_layers for p in ignored.parameters()}
    for layer, norms in prunable_layers(model):
        if any(id(p) in protected for p in layer.parameters()):
            continue
        scores = unit_norms(layer)
        units = np.argsort(scores, kind="stable")[: int(prune_ratio * len(scores))]
        silence_units(layer, units)
        for norm in norms:
            if not any(id(p) in protected for p in norm.parameters()):
                silence_units(norm, units)
    return model
