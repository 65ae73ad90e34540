"""Sends one table for the symbols of all weights together, and codes each with it."""

CELL = "encoded_bytes"
FAILS = ["every_byte_is_counted"]


# %% answer
def encoded_bytes(model, bits):
    check_float(model, "encoded_bytes")
    size = dict.fromkeys(("values", "gaps", "tables", "biases", "headers"), 0)
    values, gaps = [], []
    for p in model.parameters():
        size["headers"] += 12
        if p.data.ndim < 2:
            size["biases"] += p.data.size
            continue
        codes = quantize_weights(p.data, bits)[0].ravel()
        positions = np.flatnonzero(codes)
        values.append(codes[positions])
        gaps.append(np.diff(positions, prepend=-1) - 1)
    for part, symbols in (("values", values), ("gaps", gaps)):
        symbols = np.concatenate(symbols) if symbols else np.array([])
        size[part] = int(np.ceil(entropy_bits(symbols) / 8))
        size["tables"] += 3 * np.unique(symbols).size
    return size
