"""Multiplies the two thin matrices with each other first, which costs as much as the full layer."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_computes_the_product"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        self.reduce = Linear(U.shape[0], len(S), bias=False)
        self.expand = Linear(len(S), V.shape[1], bias=linear.bias is not None)
        self.reduce.weight.data[...] = U * S
        self.expand.weight.data[...] = V
        if linear.bias is not None:
            self.expand.bias.data[...] = linear.bias.data

    def forward(self, x):
        out = x @ (self.reduce.weight @ self.expand.weight)
        return out if self.expand.bias is None else out + self.expand.bias
