"""Takes the natural logarithm: the result is in nats, not in bits."""

CELL = "entropy_bits"
FAILS = ["entropy_is_the_bound"]


# %% answer
def entropy_bits(symbols):
    _, counts = np.unique(symbols, return_counts=True)
    return float((counts * np.log(counts.sum() / counts)).sum())
