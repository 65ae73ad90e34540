"""Leaves the given line out, and scans integers and infinite weights."""

CELL = "sensitivity_scan"
FAILS = ["sensitivity_scan_restores_the_model"]


# %% answer
def sensitivity_scan(model, evaluate, sparsities):
    scan = {}
    for name, p in model.named_parameters():
        if p.data.ndim < 2:
            continue
        values, scan[name] = p.data.copy(), []
        try:
            for sparsity in sparsities:
                p.data[...] = np.where(keep_largest(np.abs(values), sparsity), values, 0)
                scan[name].append(evaluate(model))
        finally:
            p.data[...] = values
    return scan
