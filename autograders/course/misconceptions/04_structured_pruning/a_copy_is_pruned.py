"""Prunes a copy; the model that was given stays as it was."""

CELL = "structured_prune"
FAILS = [
    "smallest_units_are_pruned",
    "norms_are_pruned_with_their_channels",
    "ignored_layers_keep_the_logits",
    "structured_and_unstructured_compose",
    "pruned_attention_still_computes",
    "pruned_conv_still_computes",
]


# %% answer
def structured_prune(model, prune_ratio, ignored_layers=()):
    check_weights(model, "structured_prune")
    if isinstance(prune_ratio, bool) or not isinstance(prune_ratio, Real):
        raise TypeError(f"prune_ratio must be a number, got {prune_ratio!r}")
    if not 0 <= prune_ratio <= 1:
        raise ValueError(f"prune_ratio must be in [0, 1], got {prune_ratio}")
    chosen = {id(p) for ignored in ignored_layers for p in ignored.parameters()}
    numbers = [i for i, p in enumerate(model.parameters()) if id(p) in chosen]
    model = copy.deepcopy(model)
    parameters = list(model.parameters())
    protected = {id(parameters[i]) for i in numbers}
    for layer, norms in prunable_layers(model):
        if any(id(p) in protected for p in layer.parameters()):
            continue
        scores = unit_norms(layer)
        units = np.argsort(scores, kind="stable")[: int(prune_ratio * len(scores))]
        for part in (layer, *norms):
            silence_units(part, units)
    return model
