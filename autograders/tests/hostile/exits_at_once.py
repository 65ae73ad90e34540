"""Ends Python with os._exit."""

SCORE = 0

# %% scratch
import os

os._exit(0)
