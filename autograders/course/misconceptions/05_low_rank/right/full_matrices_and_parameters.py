"""Cuts the full decomposition, and keeps the factors as two parameters and a bias."""

CELL = ["low_rank_approximate", "low_rank_linear"]
FAILS = []


# %% answer: low_rank_approximate
def low_rank_approximate(weight, rank_ratio):
    if type(rank_ratio) not in (int, float):
        raise TypeError("rank_ratio must be a number")
    if not 0 < rank_ratio <= 1:
        raise ValueError("rank_ratio must be in (0, 1]")
    if len(weight.shape) != 2:
        raise ValueError("weight must be a matrix")
    k = max(int(min(weight.shape) * rank_ratio), 1)
    u, s, vt = np.linalg.svd(weight)
    return u[:, :k].copy(), s[:k].copy(), vt[:k, :].copy()


# %% answer: low_rank_linear
from tinytorch import Parameter


class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        self.first = Parameter(U)
        self.second = Parameter(np.diag(S) @ V)
        self.bias = None if linear.bias is None else Parameter(linear.bias.data.copy())

    def forward(self, x):
        out = x @ self.first @ self.second
        return out if self.bias is None else out + self.bias
