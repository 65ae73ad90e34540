"""Returns the bits of one symbol instead of the whole sequence."""

CELL = "entropy_bits"
FAILS = ["entropy_is_the_bound"]


# %% answer
def entropy_bits(symbols):
    _, counts = np.unique(symbols, return_counts=True)
    shares = counts / max(counts.sum(), 1)
    return float(-(shares * np.log2(shares)).sum())
