"""Prunes by settings of its own where none are given."""

CELL = "compress_model"
FAILS = ["pipeline_meets_its_settings"]


# %% answer
def compress_model(model, config):
    check_weights(model, "compress_model")
    known = ("structured_prune_ratio", "magnitude_sparsity")
    if not isinstance(config, Mapping):
        raise TypeError("config must be a mapping")
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
    magnitude_prune(model, config.get("magnitude_sparsity", 0.5))
    total = sum(p.size for p in model.parameters())
    left = sum(int(np.count_nonzero(p.data)) for p in model.parameters())
    return model, {
        "original_sparsity": original,
        "final_sparsity": measure_sparsity(model),
        "compression_ratio": total / left if left else float("inf"),
    }
