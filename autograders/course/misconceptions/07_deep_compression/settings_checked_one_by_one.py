"""Leaves the checks to the stages: the first has pruned when the second complains."""

CELL = "compress_model"
FAILS = ["unknown_settings_rejected"]


# %% answer
def compress_model(model, config):
    stages = ("structured_prune_ratio", "magnitude_sparsity")
    if not isinstance(config, Mapping):
        raise TypeError(f"config must be a mapping, got {type(config).__name__}")
    if unknown := sorted(map(str, set(config) - set(stages))):
        raise ValueError(f"unknown setting {', '.join(unknown)}; known are {', '.join(stages)}")

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
