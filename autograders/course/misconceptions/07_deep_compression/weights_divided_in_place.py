"""Divides the weights that it is given, in place."""

CELL = "quantize_weights"
FAILS = ["every_byte_is_counted", "quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    top = 2 ** (int(bits) - 1) - 1
    largest = float(np.abs(weight).max())
    scale = largest / top if largest > 0 else 1.0
    weight /= scale
    return np.rint(weight).astype(np.int8), scale
