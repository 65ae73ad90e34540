"""Writes the bits with shifts and the bytes with the SciPy arrays, and gives NumPy's numbers."""

CELL = ["bitmask", "storage_bytes"]
FAILS = []


# %% answer: bitmask
def pack_bitmask(weight):
    flat = weight.flatten()
    bits = np.zeros((len(flat) + 7) // 8, dtype="uint8")
    for i, value in enumerate(flat):
        if value != 0:
            bits[i // 8] |= 128 >> (i % 8)
    return bits, flat[flat.nonzero()]


def unpack_bitmask(bits, values, shape):
    out = np.zeros_like(values, shape=shape)
    j = 0
    for i, place in enumerate(np.ndindex(*shape)):
        if bits[i // 8] & (128 >> (i % 8)):
            out[place] = values[j]
            j += 1
    return out


# %% answer: storage_bytes
def storage_bytes(weight):
    from math import ceil

    k = (weight != 0).sum()
    return {
        "csr": k * (weight.itemsize + 4) + 4 * (len(weight) + 1),
        "coo": k * (weight.itemsize + 8),
        "bitmask": ceil(weight.size / 8) + k * weight.itemsize,
        "dense": weight.nbytes,
    }
