"""Calls every guess right that the grammar allows."""

CELL = "knowledge_by_kind"
FAILS = ["right_is_as_likely_as_can_be"]


# %% answer
def knowledge_by_kind(log_q, truth):
    p, kinds = truth.probabilities[:, 1:], truth.kinds[:, 1:]
    if np.shape(log_q) != p.shape:
        raise ValueError(f"expected {p.shape}, got {np.shape(log_q)}")
    loss = -(p * np.where(p > 0, log_q, 0)).sum(axis=-1)
    excess = loss - truth.entropy[:, 1:]
    likeliest = np.argmax(log_q, axis=-1)[..., None]
    right = np.take_along_axis(p, likeliest, axis=-1)[..., 0] > 0
    return {
        Kind(k).name: {
            "share": float((kinds == k).mean()),
            "excess": float(excess[kinds == k].mean()),
            "right": float(right[kinds == k].mean()),
        }
        for k in np.unique(kinds)
    }
