"""Lists a shared parameter under each of its names, as if it were stored twice."""

CELL = "layer_sparsity"
FAILS = ["layer_sparsity_names_each_parameter"]


# %% answer
def layer_sparsity(model):
    found = dict(quantized_integers(model))
    for name, module in model.named_modules():
        for part in ("weight", "bias"):
            p = getattr(module, part, None)
            if p is not None:
                found.setdefault(f"{name}.{part}" if name else part, p.data)
    return {name: float(np.mean(values == 0)) for name, values in found.items()}
