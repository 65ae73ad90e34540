"""Gives a group of zeros the scale 1, where 0 is asked for."""

CELL = "scales_and_integers"
FAILS = ["scales_belong_to_groups"]


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    groups = weight.reshape(-1, size, weight.shape[1])
    scales = (np.abs(groups).max(axis=1) / largest_integer).astype(np.float32)
    return np.where(scales > 0, scales, np.float32(1))


def to_integers(values, steps, bits):
    largest_integer, _ = check_grid(1, bits)
    nearest = np.rint(values / np.where(steps > 0, steps, 1))
    return np.where(steps > 0, nearest, 0).clip(-largest_integer, largest_integer).astype(np.int8)
