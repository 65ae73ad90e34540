"""Adds to each input a share of its own, which leaves a dead one dead."""

CELL = "inverse_factor"
FAILS = ["factor_holds_every_inverse", "singular_grams_need_damping"]


# %% answer
def inverse_factor(gram, damping=0.01):
    damped = gram + damping * np.diag(np.diag(gram))
    if np.linalg.matrix_rank(damped, hermitian=True) < len(gram):
        raise ValueError(
            f"the Gram matrix of {len(gram)} inputs is singular with damping {damping}: some "
            "inputs are always zero, or follow from others; use more damping"
        )
    return np.linalg.cholesky(np.linalg.inv(damped)).T
