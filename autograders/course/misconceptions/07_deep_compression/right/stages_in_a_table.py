"""Checks settings with a helper and computes the ratio from the sparsity."""

CELL = "compress_model"
FAILS = []


# %% answer
def compress_model(model, config):
    if not hasattr(config, "keys"):
        raise TypeError("config must be a dictionary")
    known = {"structured_prune_ratio": None, "magnitude_sparsity": None}
    for key in config:
        if key not in known:
            raise ValueError(f"I do not know the setting {key}")
    for key in config:
        value = config[key]
        try:
            inside = 0 <= value <= 1
        except TypeError:
            raise TypeError(f"{key} should be a number") from None
        if not inside:
            raise ValueError(f"{key} should be in [0, 1]")
        known[key] = value
    before = measure_sparsity(model)
    if known["structured_prune_ratio"] is not None:
        last = None
        for module in model.modules():
            if isinstance(module, Linear):
                last = module
        protected = [] if last is None else [last]
        structured_prune(model, known["structured_prune_ratio"], ignored_layers=protected)
    if known["magnitude_sparsity"] is not None:
        magnitude_prune(model, known["magnitude_sparsity"])
    after = measure_sparsity(model)
    return model, {
        "original_sparsity": before,
        "final_sparsity": after,
        "compression_ratio": 1 / (1 - after) if after < 1 else float("inf"),
    }
