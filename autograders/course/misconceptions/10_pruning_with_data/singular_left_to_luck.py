"""Leaves it to rounding whether a singular matrix is noticed."""

CELL = "inverse_factor"
FAILS = ["singular_grams_need_damping"]


# %% answer
def inverse_factor(gram, damping=0.01):
    damped = gram + damping * np.diag(gram).mean() * np.eye(len(gram))
    return np.linalg.cholesky(np.linalg.inv(damped)).T
