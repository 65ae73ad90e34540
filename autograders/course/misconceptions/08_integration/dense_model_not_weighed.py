"""Looks at the bytes of the pruned model only."""

CELL = "check_quantization"
FAILS = ["quantization_check_catches_planted_bugs"]


# %% answer
def check_quantization(library):
    x = digits.x_test[:200]

    def linears(model):
        return [module for module in model.modules() if isinstance(module, Linear)]

    for sparsity in (None, 0.7):
        model = create_and_train_model(epochs=5)
        if sparsity is not None:
            library.magnitude_prune(model, sparsity)
            zeros = sum(int((layer.weight.data == 0).sum()) for layer in linears(model))
            n = sum(layer.weight.size for layer in linears(model))
            assert zeros == round(0.7 * n), f"{zeros} of {n} weights are zero, not 70 %"
        output, n_bytes = model(x).data, Profiler().count_bytes(model)
        zero = [layer.weight.data == 0 for layer in linears(model)]
        biases = [layer.bias.data.copy() for layer in linears(model)]
        library.quantize_model(model, bits=8)

        for layer, z, bias in zip(linears(model), zero, biases, strict=True):
            lost = int((layer.weight.data[z] != 0).sum())
            assert lost == 0, f"{lost} of {z.sum()} zeros of {layer} are no longer zero"
            assert np.array_equal(layer.bias.data, bias), f"the bias of {layer} has changed"
        error = np.abs(model(x).data - output).max() / np.abs(output).max()
        assert error < 0.05, f"8 bits change logits by {error:.0%} of the largest"
        share = Profiler().count_bytes(model) / n_bytes
        assert sparsity is None or share < 1 / 3, f"it takes {share:.0%} of the bytes"
