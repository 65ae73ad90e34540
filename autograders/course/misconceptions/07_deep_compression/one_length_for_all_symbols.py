"""Gives every symbol a code of the same length, however frequent it is."""

CELL = "entropy_bits"
FAILS = ["entropy_is_the_bound"]


# %% answer
def entropy_bits(symbols):
    n_different = max(1, np.unique(symbols).size)
    return float(np.size(symbols) * np.log2(n_different))
