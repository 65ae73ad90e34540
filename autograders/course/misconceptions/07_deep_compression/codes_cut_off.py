"""Cuts the fraction off instead of rounding: weights are off by up to a whole step."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    largest_code = 2 ** (int(bits) - 1) - 1
    largest = float(np.abs(weight).max(initial=0.0))
    scale = largest / largest_code if largest > 0 else 1.0
    return (weight / scale).astype(np.int8), scale
