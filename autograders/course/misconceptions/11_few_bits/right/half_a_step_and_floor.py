"""Rounds by adding a half and taking the floor, after clipping."""

CELL = "scales_and_integers"
FAILS = []


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    starts = np.arange(0, len(weight), size)
    largest = np.maximum.reduceat(np.abs(weight), starts, axis=0)
    return np.float32(largest / largest_integer)


def to_integers(values, steps, bits):
    top, _ = check_grid(1, bits)
    units = np.divide(
        values, steps, out=np.zeros(np.broadcast(values, steps).shape), where=steps > 0
    )
    return np.floor(np.clip(units, -top, top) + 0.5).astype(np.int8)
