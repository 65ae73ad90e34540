"""Fills each byte from its lowest bit, so that no other decoder can read it."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    return np.packbits(weight != 0, bitorder="little"), weight[weight != 0]


def unpack_bitmask(bits, values, shape):
    weight = np.zeros(shape, values.dtype)
    nonzero = np.unpackbits(bits, count=weight.size, bitorder="little").astype(bool)
    weight[nonzero.reshape(shape)] = values
    return weight
