"""Waits for somebody to type."""

SCORE = 0

# %% double
def double(array):
    return float(input("how much? "))
