"""Selects the words of each kind first, and computes on those alone."""

CELL = "knowledge_by_kind"
FAILS = []


# %% answer
def knowledge_by_kind(log_q, truth):
    expected = truth.probabilities[:, 1:].shape
    if log_q.shape != expected:
        raise ValueError(f"log_q has shape {log_q.shape}, the truth needs {expected}")
    found = {}
    for kind in Kind:
        here = truth.kinds[:, 1:] == kind
        if not here.any():
            continue
        p, q = truth.probabilities[:, 1:][here], log_q[here]
        ratio = np.log(p, where=p > 0, out=np.zeros_like(p)) - np.where(p == 0, 0.0, q)
        guesses = q.argmax(-1)
        best = [p[i, guess] > p[i].max() - 1e-9 for i, guess in enumerate(guesses)]
        found[kind.name] = {
            "excess": (p * ratio).sum() / here.sum(),
            "right": sum(best) / len(best),
            "share": here.sum() / here.size,
        }
    return found
