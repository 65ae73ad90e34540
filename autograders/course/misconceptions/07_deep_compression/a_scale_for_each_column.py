"""Chooses a scale for each column, where one number for the array is asked for."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    top = 2 ** (int(bits) - 1) - 1
    largest = np.abs(weight).max(axis=0, initial=0.0)
    scale = np.where(largest > 0, largest / top, 1.0)
    return np.rint(weight / scale).astype(np.int8), scale
