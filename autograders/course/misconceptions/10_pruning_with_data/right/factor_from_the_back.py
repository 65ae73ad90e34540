"""Factors the matrix with its inputs reversed, and never inverts it as a whole."""

CELL = "inverse_factor"
FAILS = []


# %% answer
def inverse_factor(gram, damping=0.01):
    damped = np.array(gram, np.float64)
    damped.flat[:: len(damped) + 1] += damping * np.trace(gram) / len(gram)
    values = np.linalg.eigvalsh(damped)
    if values[0] <= values[-1] * len(values) * np.finfo(np.float64).eps:
        raise ValueError("this matrix has no inverse: use more damping")
    lower = np.linalg.cholesky(damped[::-1, ::-1])  # damped = R @ R.T with R upper triangular
    return np.linalg.solve(lower[::-1, ::-1], np.eye(len(gram)))
