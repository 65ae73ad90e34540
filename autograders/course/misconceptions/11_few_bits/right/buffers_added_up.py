"""Adds up the buffers of the model, by their names."""

CELL = "count_bytes"
FAILS = []


# %% answer
def count_bytes(model, cache=None):
    sizes = {"integers": 0, "scales": 0, "floats": 0, "cache": cache.nbytes if cache else 0}
    for name, buffer in model.named_buffers():
        sizes["scales" if name.endswith("scale") else "integers"] += buffer.nbytes
    for parameter in model.parameters():
        sizes["floats"] += parameter.data.size * parameter.data.itemsize
    return sizes
