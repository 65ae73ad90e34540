"""Takes a matrix for singular only if its determinant is exactly zero."""

CELL = "inverse_factor"
FAILS = ["singular_grams_need_damping"]


# %% answer
def inverse_factor(gram, damping=0.01):
    damped = gram + damping * np.diag(gram).mean() * np.eye(len(gram))
    if np.linalg.det(damped) == 0:
        raise ValueError(f"singular with damping {damping}: use more")
    return np.linalg.cholesky(np.linalg.inv(damped)).T
