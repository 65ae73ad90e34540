"""Stores each integer in a byte of its own."""

CELL = "pack_nibbles"
FAILS = ["nibbles_are_packed", "nibbles_come_back"]


# %% answer
def pack_nibbles(integers):
    return integers.ravel().view(np.uint8)


def unpack_nibbles(packed, shape):
    return packed.view(np.int8)[: int(np.prod(shape))].reshape(shape)
