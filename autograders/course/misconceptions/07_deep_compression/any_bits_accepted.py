"""Takes any number of bits."""

CELL = "quantize_weights"
FAILS = ["quantized_zeros_stay_zero"]


# %% answer
def quantize_weights(weight, bits):
    top = max(1, 2 ** (int(bits) - 1) - 1)
    largest = float(np.abs(weight).max())
    scale = largest / top if largest > 0 else 1.0
    return np.rint(weight / scale).astype(np.int8), scale
