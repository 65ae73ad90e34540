"""Returns arrays whose strides lead backwards, across each other, and over read-only memory."""

SCORE = 5

# %% double
def double(array):
    result = np.asarray(2 * array)
    if result.ndim:
        padded = np.zeros((result.size, 3))
        padded[::-1, 1] = result
        result = padded[::-1, 1]
    result.setflags(write=False)
    return result

# %% total
def total(array):
    return np.lib.stride_tricks.as_strided(np.array([array.sum()]), (), ())
