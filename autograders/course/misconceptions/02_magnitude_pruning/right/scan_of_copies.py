"""Prunes a copy of the model for every measurement, so that there is nothing to put back."""

CELL = "sensitivity_scan"
FAILS = []


# %% answer
import copy


def sensitivity_scan(model, evaluate, sparsities):
    check_weights(model, "sensitivity_scan")
    scan = {name: [] for name, p in model.named_parameters() if p.data.ndim >= 2}
    for name in scan:
        for sparsity in sparsities:
            trial = copy.deepcopy(model)
            p = dict(trial.named_parameters())[name]
            p.data *= keep_largest(np.abs(p.data), sparsity)
            scan[name] += [float(evaluate(trial))]
    return scan
