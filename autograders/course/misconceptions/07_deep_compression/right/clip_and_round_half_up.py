"""Rounds half up and clips, and computes in double precision."""

CELL = "quantize_weights"
FAILS = []


# %% answer
def quantize_weights(weight, bits):
    if type(bits) is not int or bits not in range(2, 9):
        raise ValueError("bits must be one of 2, 3, ..., 8")
    top = 2 ** (bits - 1) - 1
    largest = np.max(np.abs(weight.astype(np.float64))) if weight.size else 0.0
    step = float(largest / top) if largest else 1.0
    codes = np.floor(weight.astype(np.float64) / step + 0.5)
    return np.clip(codes, -top, top).astype(np.int8), step
