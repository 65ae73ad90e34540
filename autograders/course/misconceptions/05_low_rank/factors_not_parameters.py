"""Keeps the factors as plain arrays, which no optimizer sees."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_is_thin_and_learns"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        self.a, self.b = U * S, V
        self.bias = linear.bias

    def forward(self, x):
        out = x @ Tensor(self.a) @ Tensor(self.b)
        return out if self.bias is None else out + self.bias
