"""Stores bits and values column by column, where the format goes row by row."""

CELL = "bitmask"
FAILS = ["bitmask_round_trip_is_exact"]


# %% answer
def pack_bitmask(weight):
    columns = weight.ravel(order="F")
    return np.packbits(columns != 0), columns[columns != 0]


def unpack_bitmask(bits, values, shape):
    columns = np.zeros(int(np.prod(shape)), values.dtype)
    columns[np.unpackbits(bits, count=columns.size).astype(bool)] = values
    return columns.reshape(shape, order="F")
