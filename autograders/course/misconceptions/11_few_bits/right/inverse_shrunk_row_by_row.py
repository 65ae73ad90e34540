"""Takes each rounded input out of the inverse, as the optimal brain surgeon does."""

CELL = "gptq_round"
FAILS = []


# %% answer
def gptq_round(weight, gram, bits, group_size=None, damping=0.01):
    scales = find_scales(weight, bits, group_size)
    n = len(weight)
    upper = inverse_factor(gram, damping)
    inverse = upper.T @ upper
    steps = spread(scales, n).astype(np.float64)
    rows = np.array(weight, np.float64)
    for i in range(n):
        rounded_row = to_integers(rows[i], steps[i], bits) * steps[i]
        rounded_row[weight[i] == 0] = 0
        lost = rows[i] - rounded_row
        rows[i:] -= np.outer(inverse[i:, i] / inverse[i, i], lost)
        rows[i] = rounded_row
        inverse -= np.outer(inverse[:, i], inverse[i]) / inverse[i, i]
        inverse[i, i] = 1
    return to_integers(rows, steps, bits), scales
