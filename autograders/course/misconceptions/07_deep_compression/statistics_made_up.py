"""Reports what was asked for instead of what the model has."""

CELL = "compress_model"
FAILS = ["pipeline_statistics_are_measured"]


# %% answer
def compress_model(model, config):
    stages = ("structured_prune_ratio", "magnitude_sparsity")
    if not isinstance(config, Mapping):
        raise TypeError(f"config must be a mapping, got {type(config).__name__}")
    if unknown := sorted(map(str, set(config) - set(stages))):
        raise ValueError(f"unknown setting {', '.join(unknown)}; known are {', '.join(stages)}")
    for key, value in config.items():
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
    final = config.get("magnitude_sparsity", config.get("structured_prune_ratio", 0.0))
    ratio = 1 / (1 - final) if final < 1 else float("inf")
    stats = {"original_sparsity": original, "final_sparsity": final, "compression_ratio": ratio}
    return model, stats
