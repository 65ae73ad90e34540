"""Compares the accuracy before and after, which the grossest errors hardly move."""

CELL = "check_quantization"
FAILS = ["quantization_check_catches_planted_bugs"]


# %% answer
def check_quantization(library):
    for sparsity in (0.0, 0.7):
        model = library.magnitude_prune(create_and_train_model(), sparsity)
        before = accuracy(model(digits.x_test), digits.y_test)
        library.quantize_model(model, bits=8)
        after = accuracy(model(digits.x_test), digits.y_test)
        assert after > before - 0.02, f"accuracy fell from {before:.1%} to {after:.1%}"
