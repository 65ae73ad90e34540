"""Takes three standard deviations for the largest code, and cuts off what lies beyond."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    top = 2 ** (int(bits) - 1) - 1
    largest = 3 * float(weight.std())
    scale = largest / top if largest > 0 else 1.0
    return np.clip(np.rint(weight / scale), -top, top).astype(np.int8), scale
