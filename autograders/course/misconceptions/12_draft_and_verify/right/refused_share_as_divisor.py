"""Divides by 1 minus the acceptance rate, and by one where it is nothing."""

CELL = "leftover"
FAILS = []


# %% answer
def leftover(p, q):
    check_same_shape("leftover", p, q)
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    missing = p - np.minimum(p, q)
    total = missing.sum(axis=-1, keepdims=True)
    same = total == 0
    return np.where(same, p, missing / np.where(same, 1.0, total))
