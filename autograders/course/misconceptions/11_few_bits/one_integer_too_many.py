"""Lets integers reach -2**(bits - 1), one further down than up."""

CELL = "scales_and_integers"
FAILS = ["integers_are_nearest", "each_layer_has_its_own_gram", "model_given_is_unchanged"]


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    groups = weight.reshape(-1, size, weight.shape[1])
    return (np.abs(groups).max(axis=1) / largest_integer).astype(np.float32)


def to_integers(values, steps, bits):
    largest_integer, _ = check_grid(1, bits)
    nearest = np.rint(values / np.where(steps > 0, steps, 1))
    return (
        np.where(steps > 0, nearest, 0).clip(-largest_integer - 1, largest_integer).astype(np.int8)
    )
