"""Counts zeros among the stored integers, not among the numbers that the layer computes with."""

CELL = "check_quantization"
FAILS = ["quantization_check_catches_planted_bugs"]


# %% answer
def check_quantization(library):
    x = digits.x_test[:200]
    for sparsity in (0.0, 0.7):
        model = create_and_train_model()
        library.magnitude_prune(model, sparsity)
        output, n_bytes = model(x).data, Profiler().count_bytes(model)
        n_nonzero = Profiler().count_nonzero(model)
        biases = [m.bias.data.copy() for m in model.modules() if isinstance(m, Linear)]
        library.quantize_model(model, bits=8)
        layers = [m for m in model.modules() if isinstance(m, Linear)]
        assert Profiler().count_nonzero(model) <= n_nonzero, "zeros are no longer zero"
        for layer, bias in zip(layers, biases, strict=True):
            assert np.array_equal(layer.bias.data, bias), "a bias has changed"
        error = np.abs(model(x).data - output).max() / np.abs(output).max()
        assert error < 0.05, f"8 bits change logits by {error:.0%} of the largest"
        assert Profiler().count_bytes(model) < n_bytes / 3, "the model is not a third as large"
