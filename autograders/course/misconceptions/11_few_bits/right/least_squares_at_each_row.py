"""Solves the least-squares problem anew for every row."""

CELL = "gptq_round"
FAILS = []


# %% answer
def gptq_round(weight, gram, bits, group_size=None, damping=0.01):
    scales = find_scales(weight, bits, group_size)
    inverse_factor(gram, damping)  # raises if the damped Gram matrix is singular
    n = len(weight)
    damped = gram + damping * np.diag(gram).mean() * np.eye(n)
    steps = spread(scales, n).astype(np.float64)
    wanted, integers = weight.astype(np.float64), np.zeros(weight.shape, np.int8)
    for i in range(n):
        lost = weight[:i] - integers[:i] * steps[:i]
        row = wanted[i] + np.linalg.solve(damped[i:, i:], damped[i:, :i] @ lost)[0]
        integers[i] = to_integers(row, steps[i], bits) * (weight[i] != 0)
    return integers, scales
