"""Divides the largest weight by 2**(bits - 1), which is no integer of the grid."""

CELL = "scales_and_integers"
FAILS = ["scales_belong_to_groups"]


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    groups = weight.reshape(-1, size, weight.shape[1])
    return (np.abs(groups).max(axis=1) / (largest_integer + 1)).astype(np.float32)


def to_integers(values, steps, bits):
    largest_integer, _ = check_grid(1, bits)
    nearest = np.rint(values / np.where(steps > 0, steps, 1))
    return np.where(steps > 0, nearest, 0).clip(-largest_integer, largest_integer).astype(np.int8)
