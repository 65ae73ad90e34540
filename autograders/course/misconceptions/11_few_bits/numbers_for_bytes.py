"""Counts numbers where bytes are asked for."""

CELL = "count_bytes"
FAILS = ["bytes_counted_are_bytes_held"]


# %% answer
def count_bytes(model, cache=None):
    quantized = [module for module in model.modules() if isinstance(module, QuantizedWeight)]
    return {
        "integers": sum(weight.stored.size for weight in quantized),
        "scales": sum(weight.scale.size for weight in quantized),
        "floats": sum(parameter.data.size for parameter in model.parameters()),
        "cache": 0 if cache is None else cache.nbytes,
    }
