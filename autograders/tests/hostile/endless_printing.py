"""Prints 40 MB."""

SCORE = 0

# %% scratch
for _ in range(400):
    print("x" * 100_000)
