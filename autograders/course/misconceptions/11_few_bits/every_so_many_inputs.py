"""Takes inputs that stand apart for a group, where those that follow each other are one."""

CELL = "scales_and_integers"
FAILS = ["scales_belong_to_groups"]


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    groups = weight.reshape(size, -1, weight.shape[1])
    return (np.abs(groups).max(axis=0) / largest_integer).astype(np.float32)


def to_integers(values, steps, bits):
    largest_integer, _ = check_grid(1, bits)
    nearest = np.rint(values / np.where(steps > 0, steps, 1))
    return np.where(steps > 0, nearest, 0).clip(-largest_integer, largest_integer).astype(np.int8)
