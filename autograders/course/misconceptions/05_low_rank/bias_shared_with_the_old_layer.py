"""Uses the bias of the old layer itself, so that training one changes the other."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_is_thin_and_learns"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        (m, k), n = U.shape, V.shape[1]
        self.reduce = Linear(m, k, bias=False)
        self.expand = Linear(k, n, bias=False)
        self.reduce.weight.data[...] = U * S
        self.expand.weight.data[...] = V
        self.expand.bias = linear.bias

    def forward(self, x):
        return self.expand(self.reduce(x))
