"""Hands in a page for another lab, and a folder where the page of this one is to be written."""

SCORE = 0

# %% start
import numpy as np
