"""Computes the divergence directly and groups by bincount."""

CELL = "knowledge_by_kind"
FAILS = []


# %% answer
def knowledge_by_kind(log_q, truth):
    n, length = truth.tokens.shape
    if log_q.ndim != 3 or log_q.shape != (n, length - 1, truth.probabilities.shape[-1]):
        raise ValueError(f"log-probabilities of shape {log_q.shape} for texts {(n, length)}")
    flat = truth.kinds[:, 1:].ravel()
    p = truth.probabilities[:, 1:].reshape(len(flat), -1)
    log_q = np.reshape(log_q, p.shape)
    terms = np.zeros(p.shape)
    some = p > 0
    terms[some] = p[some] * (np.log(p[some]) - log_q[some])
    right = p[np.arange(len(p)), log_q.argmax(axis=1)] > p.max(axis=1) - 1e-9
    counts = np.bincount(flat, minlength=len(Kind))
    excess = np.bincount(flat, weights=terms.sum(axis=1), minlength=len(Kind))
    hits = np.bincount(flat, weights=right, minlength=len(Kind))
    found = {}
    for kind in Kind:
        if counts[kind] > 0:
            n_words = counts[kind]
            found[kind.name] = {
                "share": n_words / len(flat),
                "excess": excess[kind] / n_words,
                "right": hits[kind] / n_words,
            }
    return found
