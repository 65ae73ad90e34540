"""Puts the first integer into the low half of a byte."""

CELL = "pack_nibbles"
FAILS = ["nibbles_are_packed", "nibbles_come_back"]


# %% answer
def pack_nibbles(integers):
    nibbles = integers.ravel().astype(np.uint8) & 15
    if nibbles.size % 2:
        nibbles = np.append(nibbles, np.uint8(0))
    return nibbles[1::2] << 4 | nibbles[::2]


def unpack_nibbles(packed, shape):
    high_halves = np.stack([packed << 4, packed & 0xF0], axis=1).ravel().view(np.int8)
    return (high_halves[: int(np.prod(shape))] >> 4).reshape(shape)
