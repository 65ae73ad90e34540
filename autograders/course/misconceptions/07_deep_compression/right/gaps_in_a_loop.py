"""Walks through the codes one by one and keeps lists."""

CELL = "encoded_bytes"
FAILS = []


# %% answer
def encoded_bytes(model, bits):
    def bound(symbols):
        return -(-entropy_bits(np.array(symbols, dtype=int)) // 8)

    size = {"values": 0, "gaps": 0, "tables": 0, "biases": 0, "headers": 0}
    for p in model.parameters():
        size["headers"] += 4 + 8
        if p.data.ndim == 1:
            size["biases"] += len(p.data)
            continue
        codes, _ = quantize_weights(p.data, bits)
        values, gaps, gap = [], [], 0
        for code in codes.flatten().tolist():
            if code == 0:
                gap += 1
            else:
                values.append(code)
                gaps.append(gap)
                gap = 0
        size["values"] += int(bound(values))
        size["gaps"] += int(bound(gaps))
        size["tables"] += 3 * (len(set(values)) + len(set(gaps)))
    return size
