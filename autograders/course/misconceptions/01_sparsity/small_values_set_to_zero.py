"""Sets very small values to zero in the array that it was asked to store."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    weight[np.abs(weight) < 1e-12] = 0
    return np.packbits(weight != 0), weight[weight != 0]


def unpack_bitmask(bits, values, shape):
    weight = np.zeros(shape, values.dtype)
    weight[np.unpackbits(bits, count=weight.size).astype(bool).reshape(shape)] = values
    return weight
