"""Returns the values in one long row: whoever wants a matrix back gives its shape for that."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    return np.packbits(weight != 0), weight[weight != 0]


def unpack_bitmask(bits, values, shape):
    flat = np.zeros(int(np.prod(shape)), values.dtype)
    flat[np.unpackbits(bits, count=flat.size).astype(bool)] = values
    return flat
