"""Walks into inner models by recursion, and compares sizes by the formula."""

CELL = ["low_rank_linear", "factorize_model"]
FAILS = []


# %% answer: low_rank_linear
class LowRankLinear(Module):
    def __init__(self, linear, rank_ratio):
        U, S, V = low_rank_approximate(linear.weight.data, rank_ratio)
        thin = Linear(U.shape[0], len(S), bias=False)
        wide = Linear(len(S), V.shape[1], bias=linear.bias is not None)
        thin.weight.data[:] = U * S
        wide.weight.data[:] = V
        if linear.bias is not None:
            wide.bias.data[:] = linear.bias.data
        self.both = Sequential(thin, wide)

    def forward(self, x):
        return self.both(x)


# %% answer: factorize_model
def factorize_model(model, rank_ratio, ignored_layers=()):
    for i, layer in enumerate(model.layers):
        if any(layer is other for other in ignored_layers):
            continue
        if isinstance(layer, Sequential):
            factorize_model(layer, rank_ratio, ignored_layers)
        elif isinstance(layer, Linear):
            m, n = layer.weight.shape
            k = max(1, int(rank_ratio * min(m, n)))
            if k < m * n / (m + n):
                model.layers[i] = LowRankLinear(layer, rank_ratio)
    return model
