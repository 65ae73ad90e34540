"""Takes every value for a float32, where a float64 has eight bytes."""

CELL = "storage_bytes"
FAILS = ["storage_bytes_counts_the_bookkeeping"]


# %% answer
def storage_bytes(weight):
    rows, n, k = weight.shape[0], weight.size, int(np.count_nonzero(weight))
    return {
        "dense": 4 * n,
        "bitmask": -(-n // 8) + 4 * k,
        "coo": 12 * k,
        "csr": 8 * k + 4 * (rows + 1),
    }
