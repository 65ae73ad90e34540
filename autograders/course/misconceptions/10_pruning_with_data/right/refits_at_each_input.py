"""Solves anew for all that is behind each input, with the matrix itself."""

CELL = "repair"
FAILS = []


# %% answer
def repair(weight, keep, factor):
    matrix = np.linalg.inv(factor.T @ factor)
    old = np.array(weight, np.float64)
    new = old.copy()
    for i in range(len(old)):
        moved = matrix[i:, :i] @ (old[:i] - new[:i])
        fitted = old[i] + np.linalg.solve(matrix[i:, i:], moved)[0]
        new[i] = np.where(keep[i], fitted, 0.0)
    return new
