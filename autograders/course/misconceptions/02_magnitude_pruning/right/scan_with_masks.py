"""Prunes each weight by its mask, and puts mask and values back, in a function of its own."""

CELL = "sensitivity_scan"
FAILS = []


# %% answer
def measured_without(p, keep, measure):
    values, mask = p.data.copy(), p.mask
    p.mask = keep if mask is None else keep & mask
    try:
        return float(measure())
    finally:
        p.mask = mask
        np.copyto(p.data, values)


def sensitivity_scan(model, evaluate, sparsities):
    check_weights(model, "sensitivity_scan")
    return {
        name: [
            measured_without(p, keep_largest(abs(p.data), s), lambda: evaluate(model))
            for s in sparsities
        ]
        for name, p in model.named_parameters()
        if p.data.ndim > 1
    }
