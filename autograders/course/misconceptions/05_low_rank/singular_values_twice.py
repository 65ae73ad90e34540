"""Multiplies both factors by the singular values, so that they are in the product squared."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_computes_the_product"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        (m, k), n = U.shape, V.shape[1]
        self.reduce = Linear(m, k, bias=False)
        self.expand = Linear(k, n, bias=linear.bias is not None)
        self.reduce.weight.data[...] = U * S
        self.expand.weight.data[...] = S[:, None] * V
        if linear.bias is not None:
            self.expand.bias.data[...] = linear.bias.data

    def forward(self, x):
        return self.expand(self.reduce(x))
