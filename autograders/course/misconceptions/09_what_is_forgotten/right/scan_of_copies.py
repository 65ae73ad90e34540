"""Prunes a copy for each part, and leaves the model alone."""

CELL = "part_scan"
FAILS = []


# %% answer
import copy


def part_scan(model, evaluate, sparsity, parts):
    found = {}
    for part in parts:
        copied = copy.deepcopy(model)
        prune_weights(copied, sparsity, lambda name, p=part: name == p or name.startswith(p + "."))
        found[part] = evaluate(copied)
    return found
