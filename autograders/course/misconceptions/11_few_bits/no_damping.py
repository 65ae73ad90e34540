"""Leaves the damping out."""

CELL = "gptq_round"
FAILS = ["errors_are_compensated"]


# %% answer
def gptq_round(weight, gram, bits, group_size=None, damping=0.01):
    scales = find_scales(weight, bits, group_size)
    steps = spread(scales, len(weight)).astype(np.float64)
    upper = inverse_factor(gram, 0)
    rows = weight.astype(np.float64)
    integers = np.zeros(weight.shape, np.int8)
    for i in range(len(rows)):
        integers[i] = np.where(weight[i] == 0, 0, to_integers(rows[i], steps[i], bits))
        error = (rows[i] - integers[i] * steps[i]) / upper[i, i]
        rows[i + 1 :] -= np.outer(upper[i, i + 1 :], error)
    return integers, scales
