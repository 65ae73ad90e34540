"""Takes block 10 for a part of block 1."""

CELL = "part_scan"
FAILS = ["each_part_is_pruned_alone"]


# %% answer
def pruned_once(model, evaluate, sparsity, part):
    def within(name):
        return name.startswith(part)

    before = [(p, p.data.copy(), p.mask) for name, p in model.named_parameters() if within(name)]
    try:
        return evaluate(prune_weights(model, sparsity, within))
    finally:
        for p, values, mask in before:
            p.mask = mask
            p.data[...] = values


def part_scan(model, evaluate, sparsity, parts):
    return {part: pruned_once(model, evaluate, sparsity, part) for part in parts}
