"""Puts new parameters in the place of those that were there, so ties break."""

CELL = "prune_weights"
FAILS = [
    "chosen_weights_are_pruned_together",
    "tied_weights_stay_tied",
    "earlier_zeros_stay",
    "each_part_is_pruned_alone",
    "scan_leaves_the_model_whole",
]


# %% answer
from tinytorch import Parameter


def prune_weights(model, sparsity, chosen):
    weights = [p for name, p in model.named_parameters() if p.ndim >= 2 and chosen(name)]
    if not weights:
        raise ValueError("no weight is chosen")
    new = {id(p): Parameter(p.data.copy()) for p in weights}
    for p in weights:
        new[id(p)].mask = p.mask
    part = Module()
    part.weights = list(new.values())
    magnitude_prune(part, sparsity)
    seen = set()
    for module in model.modules():
        for name, value in vars(module).items():
            if id(value) in new and id(value) not in seen:
                seen.add(id(value))
                setattr(module, name, new[id(value)])
    return model
