"""Keeps what is larger than zero, and loses the negative weights."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    return np.packbits(weight > 0), weight[weight > 0]


def unpack_bitmask(bits, values, shape):
    weight = np.zeros(shape, values.dtype)
    weight[np.unpackbits(bits, count=weight.size).astype(bool).reshape(shape)] = values
    return weight
