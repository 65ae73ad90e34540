"""Keeps the product, which has as many numbers as before."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_is_thin_and_learns"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        m, n = linear.weight.shape
        self.whole = Linear(m, n, bias=linear.bias is not None)
        self.whole.weight.data[...] = (U * S) @ V
        if linear.bias is not None:
            self.whole.bias.data[...] = linear.bias.data

    def forward(self, x):
        return self.whole(x)
