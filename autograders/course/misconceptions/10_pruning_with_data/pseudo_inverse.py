"""Takes a pseudo-inverse, and so never complains."""

CELL = "inverse_factor"
FAILS = ["singular_grams_need_damping"]


# %% answer
def inverse_factor(gram, damping=0.01):
    damped = gram + damping * np.diag(gram).mean() * np.eye(len(gram))
    return np.linalg.cholesky(np.linalg.pinv(damped) + 1e-12 * np.eye(len(gram))).T
