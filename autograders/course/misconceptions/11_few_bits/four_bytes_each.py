"""Takes four bytes for each parameter, whatever its type."""

CELL = "count_bytes"
FAILS = ["bytes_counted_are_bytes_held"]


# %% answer
def count_bytes(model, cache=None):
    quantized = [module for module in model.modules() if isinstance(module, QuantizedWeight)]
    return {
        "integers": sum(weight.stored.nbytes for weight in quantized),
        "scales": sum(weight.scale.nbytes for weight in quantized),
        "floats": sum(4 * parameter.size for parameter in model.parameters()),
        "cache": 0 if cache is None else cache.nbytes,
    }
