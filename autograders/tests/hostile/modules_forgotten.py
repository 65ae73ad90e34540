"""Forgets every module that is not its own."""

SCORE = 0

# %% double
import sys


def double(array):
    for name in list(sys.modules):
        if name not in ("sys", "builtins", "__main__"):
            del sys.modules[name]
    return array
