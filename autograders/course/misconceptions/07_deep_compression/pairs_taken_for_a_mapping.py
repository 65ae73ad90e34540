"""Makes a dictionary of whatever it gets, of a list of pairs too."""

CELL = "compress_model"
FAILS = ["unknown_settings_rejected"]


# %% answer
def compress_model(model, config):
    check_weights(model, "compress_model")
    known = ("structured_prune_ratio", "magnitude_sparsity")
    config = dict(config)
    if unknown := set(config) - set(known):
        raise ValueError(f"unknown settings: {unknown}")
    for key, value in config.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{key} must be a number")
        if not 0 <= value <= 1:
            raise ValueError(f"{key} must be in [0, 1]")
    original = measure_sparsity(model)
    linears = [module for module in model.modules() if isinstance(module, Linear)]
    if "structured_prune_ratio" in config:
        structured_prune(model, config["structured_prune_ratio"], ignored_layers=linears[-1:])
    if "magnitude_sparsity" in config:
        magnitude_prune(model, config["magnitude_sparsity"])
    total = sum(p.size for p in model.parameters())
    left = sum(int(np.count_nonzero(p.data)) for p in model.parameters())
    return model, {
        "original_sparsity": original,
        "final_sparsity": measure_sparsity(model),
        "compression_ratio": total / left if left else float("inf"),
    }
