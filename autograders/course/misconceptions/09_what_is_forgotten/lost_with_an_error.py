"""Puts the part back unless evaluate raises an error."""

CELL = "part_scan"
FAILS = ["scan_leaves_the_model_whole"]


# %% answer
def part_scan(model, evaluate, sparsity, parts):
    found = {}
    for part in parts:
        chosen = [name for name, _ in model.named_parameters() if f"{name}.".startswith(f"{part}.")]
        before = [
            (p, p.data.copy(), p.mask) for name, p in model.named_parameters() if name in chosen
        ]
        found[part] = evaluate(prune_weights(model, sparsity, lambda name, c=chosen: name in c))
        for p, values, mask in before:
            p.mask = mask
            p.data[...] = values
    return found
