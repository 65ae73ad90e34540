"""Puts the values back and leaves the masks."""

CELL = "part_scan"
FAILS = ["scan_leaves_the_model_whole"]


# %% answer
def pruned_once(model, evaluate, sparsity, part):
    def within(name):
        return f"{name}.".startswith(f"{part}.")

    before = [(p, p.data.copy(), p.mask) for name, p in model.named_parameters() if within(name)]
    try:
        return evaluate(prune_weights(model, sparsity, within))
    finally:
        for p, values, _mask in before:
            p._mask = p.mask
            np.copyto(p.data, values)


def part_scan(model, evaluate, sparsity, parts):
    return {part: pruned_once(model, evaluate, sparsity, part) for part in parts}
