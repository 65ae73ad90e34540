"""Sets the first entries of a weight to zero, where the smallest should go."""

CELL = "sensitivity_scan"
FAILS = ["sensitivity_scan_restores_the_model"]


# %% answer
def sensitivity_scan(model, evaluate, sparsities):
    check_weights(model, "sensitivity_scan")
    scan = {}
    for name, p in model.named_parameters():
        if p.data.ndim < 2:
            continue
        values, scan[name] = p.data.copy(), []
        try:
            for sparsity in sparsities:
                p.data[...] = values
                p.data.reshape(-1)[: round(sparsity * p.size)] = 0
                scan[name].append(evaluate(model))
        finally:
            p.data[...] = values
    return scan
