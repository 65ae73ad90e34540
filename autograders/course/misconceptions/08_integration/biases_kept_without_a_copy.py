"""Keeps the biases' own arrays, which are still those of the quantized layers."""

CELL = "check_quantization"
FAILS = ["quantization_check_catches_planted_bugs"]


# %% answer
def check_quantization(library):
    x = digits.x_test[:200]
    for sparsity in (0.0, 0.7):
        model = create_and_train_model(epochs=5)
        library.magnitude_prune(model, sparsity)
        layers = [m for m in model.modules() if isinstance(m, Linear)]
        zeros = sum(int((layer.weight.data == 0).sum()) for layer in layers)
        n = sum(layer.weight.size for layer in layers)
        assert zeros == round(sparsity * n), f"{zeros} of {n} weights are zero"
        output, n_bytes = model(x).data, Profiler().count_bytes(model)
        zero = [layer.weight.data == 0 for layer in layers]
        biases = [layer.bias.data for layer in layers]
        library.quantize_model(model, bits=8)
        layers = [m for m in model.modules() if isinstance(m, Linear)]
        for layer, z, bias in zip(layers, zero, biases, strict=True):
            assert (layer.weight.data[z] == 0).all(), "zeros are no longer zero"
            assert np.array_equal(layer.bias.data, bias), "a bias has changed"
        error = np.abs(model(x).data - output).max() / np.abs(output).max()
        assert error < 0.05, f"8 bits change logits by {error:.0%} of the largest"
        assert Profiler().count_bytes(model) < n_bytes / 3, "the model is not a third as large"
