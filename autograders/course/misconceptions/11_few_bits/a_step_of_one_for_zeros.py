"""Takes 1 for a step of 0, and rounds to it."""

CELL = "scales_and_integers"
FAILS = ["integers_are_nearest"]


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    groups = weight.reshape(-1, size, weight.shape[1])
    return (np.abs(groups).max(axis=1) / largest_integer).astype(np.float32)


def to_integers(values, steps, bits):
    largest_integer, _ = check_grid(1, bits)
    nearest = np.rint(values / np.where(steps > 0, steps, 1))
    return nearest.clip(-largest_integer, largest_integer).astype(np.int8)
