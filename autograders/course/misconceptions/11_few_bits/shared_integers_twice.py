"""Counts integers once for each layer that uses them."""

CELL = "count_bytes"
FAILS = ["bytes_counted_are_bytes_held"]


# %% answer
def count_bytes(model, cache=None):
    quantized = [m.quantized for m in model.modules() if hasattr(m, "quantized")]
    return {
        "integers": sum(weight.stored.nbytes for weight in quantized),
        "scales": sum(weight.scale.nbytes for weight in quantized),
        "floats": sum(parameter.data.nbytes for parameter in model.parameters()),
        "cache": 0 if cache is None else cache.nbytes,
    }
