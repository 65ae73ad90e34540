"""Prunes each part beside those before, and puts all back at the end."""

CELL = "part_scan"
FAILS = ["each_part_is_pruned_alone"]


# %% answer
def part_scan(model, evaluate, sparsity, parts):
    before = [(p, p.data.copy(), p.mask) for p in model.parameters()]
    found = {}
    try:
        for part in parts:
            prune_weights(model, sparsity, lambda name, p=part: f"{name}.".startswith(f"{p}."))
            found[part] = evaluate(model)
    finally:
        for p, values, mask in before:
            p.mask = mask
            p.data[...] = values
    return found
