"""Writes 400 MB."""

SCORE = 0

# %% scratch
import os

try:
    for number in range(400):
        with open(f"filler{number}", "wb") as file:
            file.write(bytes(2**20))
finally:
    for number in range(400):
        if os.path.exists(f"filler{number}"):
            os.remove(f"filler{number}")
