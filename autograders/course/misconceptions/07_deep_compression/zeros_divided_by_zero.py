"""Divides the largest weight by the largest code, also where it is zero: the scale is 0."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    if isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= 8:
        raise ValueError(f"bits must be an integer from 2 to 8, got {bits!r}")
    top = 2 ** (int(bits) - 1) - 1
    largest = float(np.abs(weight).max())
    scale = largest / top
    with np.errstate(all="ignore"):
        steps = np.nan_to_num(weight / scale)
    return np.rint(steps).astype(np.int8), scale
