"""Counts integers as NumPy unpacks them, a byte for each."""

CELL = "count_bytes"
FAILS = ["bytes_counted_are_bytes_held"]


# %% answer
def count_bytes(model, cache=None):
    quantized = [module for module in model.modules() if isinstance(module, QuantizedWeight)]
    return {
        "integers": sum(weight.integers.nbytes for weight in quantized),
        "scales": sum(weight.scale.nbytes for weight in quantized),
        "floats": sum(parameter.data.nbytes for parameter in model.parameters()),
        "cache": 0 if cache is None else cache.nbytes,
    }
