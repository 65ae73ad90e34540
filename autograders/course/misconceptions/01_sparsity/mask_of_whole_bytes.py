"""Stores the mask with a byte for each entry, where a bit says as much."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    nonzero = weight != 0
    return nonzero.astype(np.uint8).ravel(), weight[nonzero]


def unpack_bitmask(bits, values, shape):
    weight = np.zeros(shape, values.dtype)
    weight[bits.astype(bool).reshape(shape)] = values
    return weight
