"""Sends positions instead of gaps: every one is different and needs a table entry."""

CELL = "encoded_bytes"
FAILS = ["every_byte_is_counted"]


# %% answer
def encoded_bytes(model, bits):
    size = dict.fromkeys(("values", "gaps", "tables", "biases", "headers"), 0)
    for p in model.parameters():
        size["headers"] += 12
        if p.data.ndim < 2:
            size["biases"] += p.data.size
            continue
        codes = quantize_weights(p.data, bits)[0].ravel()
        positions = np.flatnonzero(codes)
        gaps = positions
        for part, symbols in (("values", codes[positions]), ("gaps", gaps)):
            size[part] += int(np.ceil(entropy_bits(symbols) / 8))
            size["tables"] += 3 * np.unique(symbols).size
    return size
