"""Divides the bits by eight and drops the rest: the last byte is stored whole."""

CELL = "storage_bytes"
FAILS = ["storage_bytes_counts_the_bookkeeping"]


# %% answer
def storage_bytes(weight):
    value, k = weight.itemsize, int(np.count_nonzero(weight))
    return {
        "dense": weight.nbytes,
        "bitmask": weight.size // 8 + value * k,
        "coo": (value + 8) * k,
        "csr": (value + 4) * k + 4 * (weight.shape[0] + 1),
    }
