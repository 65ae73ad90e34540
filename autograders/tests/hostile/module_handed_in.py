"""Hands in a numpy.py that calls everything equal."""

SCORE = 0

# %% scratch
import numpy as np
