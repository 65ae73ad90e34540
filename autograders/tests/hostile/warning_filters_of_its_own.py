"""Puts into the list of warning filters what is no filter."""

SCORE = 0

# %% double
import warnings


class Category(Warning):
    pass


def double(array):
    warnings.filters[:] = [("error", None, Category, None, 2**70), 5, ("x" * 10_000,), warnings]
    warnings.onceregistry = warnings.filters
    return array
