"""Leaves the random bias of a new layer between the two factors."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_computes_the_product"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        (m, k), n = U.shape, V.shape[1]
        self.reduce = Linear(m, k)
        self.expand = Linear(k, n, bias=linear.bias is not None)
        self.reduce.weight.data[...] = U * S
        self.expand.weight.data[...] = V
        if linear.bias is not None:
            self.expand.bias.data[...] = linear.bias.data

    def forward(self, x):
        return self.expand(self.reduce(x))
