"""Prunes by a mask and puts the values back, but not the mask."""

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
                p.mask = None
                p.data[...] = values
                p.mask = keep_largest(np.abs(values), sparsity)
                scan[name].append(evaluate(model))
        finally:
            p.mask = np.ones(p.shape, dtype=bool)
            p.data[...] = values
    return scan
