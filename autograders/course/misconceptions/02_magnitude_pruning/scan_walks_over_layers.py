"""Walks over the layers, and scans a weight that two of them share twice."""

CELL = "sensitivity_scan"
FAILS = ["sensitivity_scan_restores_the_model"]


# %% answer
def sensitivity_scan(model, evaluate, sparsities):
    check_weights(model, "sensitivity_scan")
    scan = {}
    for name, module in model.named_modules():
        p = getattr(module, "weight", None)
        if p is None or p.data.ndim < 2:
            continue
        name = f"{name}.weight" if name else "weight"
        values, scan[name] = p.data.copy(), []
        try:
            for sparsity in sparsities:
                p.data[...] = np.where(keep_largest(np.abs(values), sparsity), values, 0)
                scan[name].append(evaluate(model))
        finally:
            p.data[...] = values
    return scan
