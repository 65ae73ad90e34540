"""Cuts fractions off instead of rounding to the nearest integer."""

CELL = "scales_and_integers"
FAILS = ["integers_are_nearest"]


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    groups = weight.reshape(-1, size, weight.shape[1])
    return (np.abs(groups).max(axis=1) / largest_integer).astype(np.float32)


def to_integers(values, steps, bits):
    largest_integer, _ = check_grid(1, bits)
    nearest = np.trunc(values / np.where(steps > 0, steps, 1))
    return np.where(steps > 0, nearest, 0).clip(-largest_integer, largest_integer).astype(np.int8)
