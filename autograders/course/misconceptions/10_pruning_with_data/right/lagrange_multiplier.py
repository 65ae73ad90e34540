"""Solves for the weights and the multiplier together."""

CELL = "remove_weight"
FAILS = []


# %% answer
def remove_weight(weight, gram, index):
    n = len(weight)
    system = np.zeros((n + 1, n + 1))
    system[:n, :n] = gram
    system[index, n] = system[n, index] = 1
    wanted = np.append(gram @ weight.astype(np.float64), 0)
    new = np.linalg.solve(system, wanted)[:n]
    new[index] = 0.0
    change = new - weight
    return new, change @ gram @ change
