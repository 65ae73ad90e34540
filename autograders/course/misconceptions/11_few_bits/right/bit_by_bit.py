"""Packs and unpacks bits with NumPy."""

CELL = "pack_nibbles"
FAILS = []


# %% answer
def pack_nibbles(integers):
    every_bit = np.unpackbits(integers.reshape(-1, 1).astype(np.uint8), axis=1)
    return np.packbits(every_bit[:, 4:])


def unpack_nibbles(packed, shape):
    n = int(np.prod(shape))
    low_bits = np.unpackbits(packed)[: 4 * n].reshape(n, 4).astype(np.int8)
    return (low_bits @ np.array([-8, 4, 2, 1], np.int8)).reshape(shape)
