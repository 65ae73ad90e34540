"""Accepts any number as a ratio, percentages and NaN included."""

CELL = "structured_prune"
FAILS = ["invalid_prune_ratio_rejected"]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
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
