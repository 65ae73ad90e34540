"""Divides by the number of symbols, of which there may be none."""

CELL = "entropy_bits"
FAILS = ["entropy_is_the_bound", "every_byte_is_counted"]


# %% answer
def entropy_bits(symbols):
    _, counts = np.unique(symbols, return_counts=True)
    share = counts / counts.sum()
    return float(-counts.sum() * np.mean(np.log2(share) * share) * len(share))
