"""Counts with a dictionary and sums logarithms in a loop."""

CELL = "entropy_bits"
FAILS = []


# %% answer
def entropy_bits(symbols):
    from collections import Counter
    from math import log2

    counts = Counter(np.asarray(symbols).ravel().tolist())
    total = sum(counts.values())
    return sum(-count * log2(count / total) for count in counts.values()) + 0.0
