"""Spreads the levels between the smallest and the largest weight: zero is not one of them."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    low, high = float(weight.min()), float(weight.max())
    scale = (high - low) / (2 ** int(bits) - 1) if high > low else 1.0
    return (np.rint((weight - low) / scale) - 2 ** (int(bits) - 1)).astype(np.int8), scale
