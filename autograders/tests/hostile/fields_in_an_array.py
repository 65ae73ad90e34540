"""Returns arrays of records, with titles, offsets that overlap, and fields that are arrays."""

SCORE = 0

# %% double
def double(array):
    kind = np.dtype({"names": ["a", "b"], "formats": ["<f8", "<i4"], "offsets": [0, 4]})
    return np.zeros(2, kind)

# %% total
def total(array):
    return np.zeros(1, [(("title", "name"), "<f8", (2, 3)), ("rest", "O")])[0]
