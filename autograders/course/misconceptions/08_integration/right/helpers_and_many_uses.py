"""Three layers around one weight, several sparsities, helper functions."""

CELL = "check_shared_weights"
FAILS = []


# %% answer
def require(condition, reason):
    if not condition:
        raise AssertionError(reason)


def check_shared_weights(library):
    rng = np.random.default_rng(5)
    for sparsity in (0.25, 0.5, 0.75):
        layers = [Linear(12, 12) for _ in range(3)]
        for layer in layers[1:]:
            layer.weight = layers[0].weight
        other = Linear(12, 10)
        other.weight.data[...] = rng.uniform(2, 3, size=(12, 10))
        weights = [layer.weight for layer in layers]
        buffers = [id(w.data) for w in weights]
        library.magnitude_prune(Sequential(*layers, other), sparsity)
        for layer, weight, buffer in zip(layers, weights, buffers, strict=True):
            require(layer.weight is weight, "a layer got another weight")
            require(id(layer.weight.data) == buffer, "a layer's array was replaced")
        zeros = np.count_nonzero(weights[0].data == 0) + np.count_nonzero(other.weight.data == 0)
        expected = round(sparsity * 264)
        require(zeros == expected, f"{expected} of 264 weights should be zero, got {zeros}")
