"""Walks through the inputs of one output after the other."""

CELL = "gptq_round"
FAILS = []


# %% answer
def gptq_round(weight, gram, bits, group_size=None, damping=0.01):
    scales = find_scales(weight, bits, group_size)
    steps = spread(scales, len(weight)).astype(np.float64)
    upper = inverse_factor(gram, damping)
    integers = np.zeros(weight.shape, np.int8)
    for k in range(weight.shape[1]):
        column = weight[:, k].astype(np.float64)
        for i in range(len(column)):
            if weight[i, k] != 0:
                integers[i, k] = to_integers(column[i : i + 1], steps[i, k : k + 1], bits)[0]
            error = (column[i] - integers[i, k] * steps[i, k]) / upper[i, i]
            column[i + 1 :] -= upper[i, i + 1 :] * error
    return integers, scales
