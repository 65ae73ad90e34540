"""Returns a fraction of two numbers of eight million binary digits, which was never reduced."""

SCORE = 2

# %% double
def double(array):
    return 2 * array

# %% total
import random
from fractions import Fraction


def total(array):
    result = Fraction(1, 3)
    result._numerator = int.from_bytes(random.Random(0).randbytes(1_000_000))
    result._denominator = int.from_bytes(random.Random(1).randbytes(1_000_000))
    return result
