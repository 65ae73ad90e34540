"""Protects whatever is last in the model, where the last Linear is meant."""

CELL = "compress_model"
FAILS = ["pipeline_meets_its_settings"]


# %% answer
def compress_model(model, config):
    known = ("structured_prune_ratio", "magnitude_sparsity")
    if not isinstance(config, Mapping):
        raise TypeError(f"config must be a mapping, got {config!r}")
    for key, value in config.items():
        if key not in known:
            raise ValueError(f"unknown setting {key}")
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{key} is no number: {value!r}")
        if not 0 <= value <= 1:
            raise ValueError(f"{key} is not in [0, 1]: {value!r}")
    stats = {"original_sparsity": measure_sparsity(model)}
    if "structured_prune_ratio" in config:
        structured_prune(model, config["structured_prune_ratio"], ignored_layers=[model.layers[-1]])
    if "magnitude_sparsity" in config:
        magnitude_prune(model, config["magnitude_sparsity"])
    stats["final_sparsity"] = measure_sparsity(model)
    sizes = [(p.size, int((p.data != 0).sum())) for p in model.parameters()]
    total, left = (sum(column) for column in zip(*sizes, strict=True))
    stats["compression_ratio"] = total / left if left else float("inf")
    return model, stats
