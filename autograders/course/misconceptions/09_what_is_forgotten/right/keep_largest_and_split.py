"""Uses lab 02's rule on one long vector."""

CELL = "prune_weights"
FAILS = []


# %% answer
from tinytorch.optimization.compression import keep_largest


def prune_weights(model, sparsity, chosen):
    picked = {n: p for n, p in model.named_parameters() if p.data.ndim >= 2 and chosen(n)}
    if not picked:
        raise ValueError("chosen() chose no weight")
    scores = []
    for p in picked.values():
        score = np.abs(p.data)
        if p.mask is not None:
            score[~p.mask] = -1
        scores.append(score.ravel())
    keep = keep_largest(np.concatenate(scores), sparsity)
    already = sum(np.count_nonzero(~p.mask) for p in picked.values() if p.mask is not None)
    if np.count_nonzero(~keep) <= already:
        return model
    for p in picked.values():
        p.mask, keep = keep[: p.data.size].reshape(p.shape), keep[p.data.size :]
    return model
