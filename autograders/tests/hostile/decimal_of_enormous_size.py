"""Returns fractions and decimals that are small to write and large to compute with."""

SCORE = 0

# %% double
from decimal import Decimal


def double(array):
    return [Decimal("1e-999999999999999999"), Decimal("sNaN")]

# %% total
from fractions import Fraction


def total(array):
    return Fraction(1 << 1_000_000, 3)
