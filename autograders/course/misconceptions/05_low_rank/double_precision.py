"""Keeps the factors in float64: half as many numbers, of twice the size."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_is_thin_and_learns"]


# %% answer
from tinytorch import Parameter


class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data.astype(np.float64), rank_ratio)
        self.reduce = Parameter(U * S)
        self.expand = Parameter(V)
        self.bias = None if linear.bias is None else Parameter(linear.bias.data.copy())

    def forward(self, x):
        out = (x @ self.reduce) @ self.expand
        return out if self.bias is None else out + self.bias
