"""Raises SystemExit in an answer."""

SCORE = 0

# %% double
def double(array):
    raise SystemExit("done")
