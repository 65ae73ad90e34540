"""Prunes layer after layer without putting the weights back: every measurement spoils the next."""

CELL = "sensitivity_scan"
FAILS = ["sensitivity_scan_restores_the_model"]


# %% answer
def sensitivity_scan(model, evaluate, sparsities):
    check_weights(model, "sensitivity_scan")
    scan = {}
    for name, p in model.named_parameters():
        if p.data.ndim >= 2:
            scan[name] = []
            for sparsity in sparsities:
                p.data[~keep_largest(np.abs(p.data), sparsity)] = 0
                scan[name].append(evaluate(model))
    return scan
