"""Factors the Gram matrix and not its inverse."""

CELL = "inverse_factor"
FAILS = ["factor_holds_every_inverse"]


# %% answer
def inverse_factor(gram, damping=0.01):
    damped = gram + damping * np.diag(gram).mean() * np.eye(len(gram))
    if np.linalg.matrix_rank(damped, hermitian=True) < len(gram):
        raise ValueError(
            f"the Gram matrix of {len(gram)} inputs is singular with damping {damping}: some "
            "inputs are always zero, or follow from others; use more damping"
        )
    return np.linalg.cholesky(damped).T
