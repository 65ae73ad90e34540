"""Finds each scale and each integer in a loop."""

CELL = "scales_and_integers"
FAILS = []


# %% answer
def find_scales(weight, bits, group_size=None):
    largest_integer, size = check_grid(len(weight), bits, group_size)
    scales = []
    for start in range(0, len(weight), size):
        group = weight[start : start + size]
        scales.append([max(abs(x) for x in column) / largest_integer for column in group.T])
    return np.array(scales, dtype=np.float32)


def to_integers(values, steps, bits):
    top, _ = check_grid(1, bits)
    values, steps = np.broadcast_arrays(values, steps)
    result = np.zeros(values.shape, np.int8)
    for where in np.ndindex(values.shape):
        if steps[where] > 0:
            result[where] = min(top, max(-top, round(float(values[where] / steps[where]))))
    return result
