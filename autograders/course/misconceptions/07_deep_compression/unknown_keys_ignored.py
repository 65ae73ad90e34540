"""Ignores settings it does not know: a typing error then prunes nothing and says nothing."""

CELL = "compress_model"
FAILS = ["unknown_settings_rejected"]


# %% answer
def compress_model(model, config):
    stages = ("structured_prune_ratio", "magnitude_sparsity")
    if not isinstance(config, Mapping):
        raise TypeError(f"config must be a mapping, got {type(config).__name__}")
    for key, value in config.items():
        if key not in stages:
            continue
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{key} must be a number, got {type(value).__name__}")
        if not 0 <= value <= 1:
            raise ValueError(f"{key} must be a fraction in [0, 1], got {value}")

    original = measure_sparsity(model)
    if "structured_prune_ratio" in config:
        linears = [module for module in model.modules() if isinstance(module, Linear)]
        structured_prune(model, config["structured_prune_ratio"], ignored_layers=linears[-1:])
    if "magnitude_sparsity" in config:
        magnitude_prune(model, config["magnitude_sparsity"])
    final = measure_sparsity(model)
    total = sum(p.data.size for p in model.parameters())
    left = sum(int(np.count_nonzero(p.data)) for p in model.parameters())
    ratio = total / left if left else float("inf")
    stats = {"original_sparsity": original, "final_sparsity": final, "compression_ratio": ratio}
    return model, stats
