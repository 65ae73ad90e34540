"""Reads memory that is not there."""

SCORE = 0

# %% scratch
import ctypes

ctypes.string_at(0)
