"""Makes bytes of Python integers, one after the other."""

CELL = "pack_nibbles"
FAILS = []


# %% answer
def pack_nibbles(integers):
    halves = [int(n) % 16 for n in integers.flat]
    halves += [0] * (len(halves) % 2)
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return np.array([16 * high + low for high, low in pairs], dtype=np.uint8)


def unpack_nibbles(packed, shape):
    halves = []
    for byte in packed.tolist():
        halves += divmod(byte, 16)
    values = np.array(halves[: int(np.prod(shape))])
    return np.where(values > 7, values - 16, values).astype(np.int8).reshape(shape)
