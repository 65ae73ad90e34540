"""Prunes each weight of a part by itself, as lab 02's scan does."""

CELL = "part_scan"
FAILS = ["each_part_is_pruned_alone"]


# %% answer
def pruned_once(model, evaluate, sparsity, part):
    def within(name):
        return f"{name}.".startswith(f"{part}.")

    before = [(p, p.data.copy(), p.mask) for name, p in model.named_parameters() if within(name)]
    try:
        for name in [n for n, p in model.named_parameters() if within(n) and p.ndim >= 2]:
            prune_weights(model, sparsity, lambda other, name=name: other == name)
        return evaluate(model)
    finally:
        for p, values, mask in before:
            p.mask = mask
            p.data[...] = values


def part_scan(model, evaluate, sparsity, parts):
    return {part: pruned_once(model, evaluate, sparsity, part) for part in parts}
