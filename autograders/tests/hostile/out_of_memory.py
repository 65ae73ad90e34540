"""Wants 6 GB."""

SCORE = 0

# %% double
hoard = bytearray(6 * 2**30)


def double(array):
    return array
