"""Stores every value as a float32, whatever it was, so that the round trip is not exact."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    nonzero = weight != 0
    return np.packbits(nonzero), weight[nonzero].astype(np.float32)


def unpack_bitmask(bits, values, shape):
    weight = np.zeros(shape, np.float32)
    weight[np.unpackbits(bits, count=weight.size).astype(bool).reshape(shape)] = values
    return weight
