"""Divides by a scale of zero when all weights are zero."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero", "every_byte_is_counted"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    largest_code = 2 ** (int(bits) - 1) - 1
    largest = float(np.abs(weight).max(initial=0.0))
    scale = largest / largest_code
    with np.errstate(invalid="ignore"):
        codes = np.rint(weight / np.float64(scale))
    return codes.astype(np.int8), scale
