"""Finds the singular vectors as eigenvectors of W^T W, in double precision."""

CELL = "low_rank_approximate"
FAILS = []


# %% answer
def low_rank_approximate(weight, rank_ratio):
    if isinstance(rank_ratio, (bool, str)) or not isinstance(rank_ratio, Real):
        raise TypeError(f"rank_ratio is {rank_ratio!r}")
    if not (rank_ratio > 0 and rank_ratio <= 1):
        raise ValueError(f"rank_ratio is {rank_ratio}")
    if weight.ndim != 2:
        raise ValueError(f"weight has shape {weight.shape}")
    if weight.shape[0] < weight.shape[1]:
        V, S, U = low_rank_approximate(weight.T, rank_ratio)
        return U.T, S, V.T
    rank = int(rank_ratio * weight.shape[1]) or 1
    wide = weight.astype(np.float64)
    values, vectors = np.linalg.eigh(wide.T @ wide)
    v = vectors[:, ::-1]
    q, r = np.linalg.qr(wide @ v)
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return (q * signs)[:, :rank], np.abs(np.diag(r))[:rank], v.T[:rank]
