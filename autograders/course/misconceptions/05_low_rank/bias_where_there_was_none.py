"""Gives the factored layer a bias of zeros where the layer that was given has none."""

CELL = "low_rank_linear"
FAILS = ["factored_layer_is_thin_and_learns"]


# %% answer
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        (m, k), n = U.shape, V.shape[1]
        self.first, self.second = Linear(m, k, bias=False), Linear(k, n)
        self.first.weight.data[...] = U * S
        self.second.weight.data[...] = V
        self.second.bias.data[...] = 0 if linear.bias is None else linear.bias.data

    def forward(self, x):
        return self.second(self.first(x))
